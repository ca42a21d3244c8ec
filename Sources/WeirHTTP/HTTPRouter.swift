/// Selects the handler for a request by its path and method.
///
/// Paths must be equal byte for byte: `/metrics` matches neither `/metrics/` nor `/%6detrics`. A path that is no
/// page's may begin with a prefix that has a handler.
package struct HTTPRouter: Sendable {
  private struct Page {
    let methods: [String]
    let bodyRule: HTTPBodyRule?
    let handler: HTTPHandler
  }

  private var pages: [String: Page] = [:]
  private var prefixes: [(prefix: String, page: Page)] = []

  package init() {}

  /// Sets the handler of a path, in place of an earlier one.
  ///
  /// - Parameter bodyRule: The body that a request may have; the handler gets it in `HTTPRequest.body`. Nil
  ///   discards bodies.
  package mutating func add(
    _ path: String, methods: [String] = ["GET", "HEAD"], bodyRule: HTTPBodyRule? = nil,
    _ handler: @escaping HTTPHandler
  ) {
    pages[path] = Page(methods: methods, bodyRule: bodyRule, handler: handler)
  }

  /// Sets the handler of all paths that begin with `prefix` and are no page's.
  package mutating func add(
    prefix: String, methods: [String], bodyRule: HTTPBodyRule? = nil,
    _ handler: @escaping HTTPHandler
  ) {
    prefixes.append((prefix, Page(methods: methods, bodyRule: bodyRule, handler: handler)))
  }

  private func page(of path: String) -> Page? {
    pages[path] ?? prefixes.first { path.hasPrefix($0.prefix) }?.page
  }

  /// The body that is accepted for a request's path and method; nil if bodies are discarded.
  package func bodyRule(of request: HTTPRequest) -> HTTPBodyRule? {
    guard let page = page(of: request.path), page.methods.contains(request.method) else {
      return nil
    }
    return page.bodyRule
  }

  /// The response of the path's handler; 404 for an unknown path, 405 for an unsupported method.
  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard let page = page(of: request.path) else {
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
