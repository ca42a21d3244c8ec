/// Sends each path to its handler, for GET and HEAD or the methods that it names.
///
/// A path is matched as a whole and as sent: `/metrics` is neither `/metrics/` nor `/%6detrics`.
package struct HTTPRouter: Sendable {
  private struct Page {
    let methods: [String]
    let bodyBytesMax: Int?
    let handler: HTTPHandler
  }

  private var pages: [String: Page] = [:]

  package init() {}

  /// Gives a path its handler; a later one for the same path takes its place.
  ///
  /// - Parameter bodyBytesMax: The longest body that a request may have, which the handler then
  ///   finds in `HTTPRequest.body`; nil throws bodies away. Not above
  ///   `HTTPLimits.bodyBytesInFlightMax`, beyond which nothing is read.
  package mutating func add(
    _ path: String, methods: [String] = ["GET", "HEAD"], bodyBytesMax: Int? = nil,
    _ handler: @escaping HTTPHandler
  ) {
    pages[path] = Page(methods: methods, bodyBytesMax: bodyBytesMax, handler: handler)
  }

  /// The longest body that a request's path takes by its method; nil where none is taken.
  package func bodyBytesMax(of request: HTTPRequest) -> Int? {
    guard let page = pages[request.path], page.methods.contains(request.method) else { return nil }
    return page.bodyBytesMax
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
