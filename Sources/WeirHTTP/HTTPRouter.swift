/// Sends each path to its handler, for GET and HEAD or the methods that it names.
///
/// A path is matched as a whole and as sent: `/metrics` is neither `/metrics/` nor `/%6detrics`.
package struct HTTPRouter: Sendable {
  private var pages: [String: (methods: [String], handler: HTTPHandler)] = [:]

  package init() {}

  /// Gives a path its handler; a later one for the same path takes its place.
  package mutating func add(
    _ path: String, methods: [String] = ["GET", "HEAD"], _ handler: @escaping HTTPHandler
  ) {
    pages[path] = (methods, handler)
  }

  /// The answer of the path's handler; 404 for an unknown path, 405 for other methods.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard let page = pages[request.path] else {
      return .error(404, "there is no page at \(request.path)")
    }
    guard page.methods.contains(request.method) else {
      return .error(
        405,
        "\(request.path) answers \(page.methods.joined(separator: " and ")), not \(request.method)",
        headers: ["Allow": page.methods.joined(separator: ", ")])
    }
    return await page.handler(request)
  }
}
