/// Selects the handler for a request by its path and method.
///
/// Paths must be equal byte for byte: `/metrics` matches neither `/metrics/` nor `/%6detrics`.
package struct HTTPRouter: Sendable {
  private struct Page {
    let methods: [String]
    let bodyBytesMax: Int?
    let handler: HTTPHandler
  }

  private var pages: [String: Page] = [:]

  package init() {}

  /// Sets the handler of a path, in place of an earlier one.
  ///
  /// - Parameter bodyBytesMax: The longest body that a request may have; the handler gets it in
  ///   `HTTPRequest.body`. Nil discards bodies. Must not exceed `HTTPLimits.bodyBytesInFlightMax`,
  ///   or the longest bodies are always refused.
  package mutating func add(
    _ path: String, methods: [String] = ["GET", "HEAD"], bodyBytesMax: Int? = nil,
    _ handler: @escaping HTTPHandler
  ) {
    precondition(bodyBytesMax ?? 0 >= 0, "a body has no negative length")
    pages[path] = Page(methods: methods, bodyBytesMax: bodyBytesMax, handler: handler)
  }

  /// The longest body that is accepted for a request's path and method; nil if bodies are
  /// discarded.
  package func bodyBytesMax(of request: HTTPRequest) -> Int? {
    guard let page = pages[request.path], page.methods.contains(request.method) else { return nil }
    return page.bodyBytesMax
  }

  /// The response of the path's handler; 404 for an unknown path, 405 for an unsupported method.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard let page = pages[request.path] else {
      return .error(404, "page not found: \(request.path)")
    }
    guard page.methods.contains(request.method) else {
      return .error(
        405,
        "\(request.path) accepts \(page.methods.joined(separator: " and ")), not \(request.method)",
        headers: ["Allow": page.methods.joined(separator: ", ")])
    }
    return await page.handler(request)
  }
}
