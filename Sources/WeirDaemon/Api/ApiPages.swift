import WeirHTTP
import WeirJSON

/// The paths of the API, each guarded by the rule on hosts.
struct ApiPages: Sendable {
  static let prefix = "/api/v1/"

  /// Answers a question whose parameters have been checked.
  typealias Answer = @Sendable (ApiQuery) throws(ApiFailure) -> JSONWriter

  let hosts: HostRule
  private var pages: [(path: String, handler: HTTPHandler)] = []
  private var prefixes: [(path: String, handler: HTTPHandler)] = []

  init(hosts: HostRule) { self.hosts = hosts }

  /// Adds a question that is answered at once.
  ///
  /// - Parameters:
  ///   - name: The path after the prefix.
  ///   - parameters: The names of those that there are.
  mutating func add(_ name: String, parameters: [String] = [], _ answer: @escaping Answer) {
    add(name) { request in
      do throws(ApiFailure) {
        return HTTPResponse.json(try answer(try ApiQuery(request.query, known: parameters)))
          .compressed(for: request)
      } catch {
        return error.response
      }
    }
  }

  /// Adds a page with a handler of its own.
  mutating func add(_ name: String, _ handler: @escaping HTTPHandler) {
    pages.append((ApiPages.prefix + name, guarded(ApiPages.own(handler))))
  }

  /// Adds a handler for all paths that begin with `name` and are no page's.
  mutating func add(prefix name: String, _ handler: @escaping HTTPHandler) {
    prefixes.append((ApiPages.prefix + name, guarded(ApiPages.own(handler))))
  }

  /// A handler that does not work for pages of other sites. They could not read the answer, but could take all taps,
  /// or the one place of heavy questions.
  private static func own(_ handler: @escaping HTTPHandler) -> HTTPHandler {
    { request in
      if request.isAskedByOtherSite {
        return .error(403, "a page of another site may not ask this; use a page of Weir, or curl")
      }
      return await handler(request)
    }
  }

  /// A handler that answers only where the host is this machine.
  func guarded(_ handler: @escaping HTTPHandler) -> HTTPHandler {
    { [hosts] request in
      if let refusal = hosts.refusal(of: request) { return refusal }
      return await handler(request)
    }
  }

  func add(to router: inout HTTPRouter) {
    for page in pages { router.add(page.path, page.handler) }
    for page in prefixes { router.add(prefix: page.path, methods: ["GET", "HEAD"], page.handler) }
  }
}
