/// Sends each path to its handler, for GET and HEAD.
///
/// A path is matched as a whole and as sent: `/metrics` is neither `/metrics/` nor `/%6detrics`.
package struct HTTPRouter: Sendable {
  private var handlers: [String: HTTPHandler] = [:]

  package init() {}

  /// Gives a path its handler; a later one for the same path takes its place.
  package mutating func add(_ path: String, _ handler: @escaping HTTPHandler) {
    handlers[path] = handler
  }

  /// The answer of the path's handler; 404 for an unknown path, 405 for other methods.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard let handler = handlers[request.path] else {
      return .error(404, "there is no page at \(request.path)")
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return .error(
        405, "\(request.path) answers GET and HEAD, not \(request.method)",
        headers: ["Allow": "GET, HEAD"])
    }
    return await handler(request)
  }
}
