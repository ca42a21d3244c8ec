import WeirConcurrency
import WeirSecurity

/// Who may come in, and how; it may change while the server runs.
package final class HTTPSecurity: Sendable {
  package struct Settings: Sendable {
    /// Nil accepts plain connections.
    package var tls: TLSContext?
    /// bcrypt hashes by user; empty lets everybody in.
    package var users: [String: String] = [:]
    /// Headers that every handler's answer carries.
    package var headers: [(name: String, value: String)] = []

    package init() {}
  }

  private struct State {
    var settings = Settings()
    var admitted = AdmittedCredentials()
  }

  private let state = Guarded(State())
  private let checks = PasswordChecks()
  /// Without randomness nothing is remembered, and every request pays for bcrypt.
  private let digest = SecretDigest()

  package init() {}

  /// Has new connections and new requests follow `settings`. Connections that are open keep the TLS
  /// that they have.
  package func use(_ settings: Settings) {
    state.withLock { $0.settings = settings }
  }

  /// What a connection is accepted with; nil without TLS.
  var tls: TLSContext? { state.withLock { $0.settings.tls } }

  /// A handler that answers those who may come in, and 401 to the others, whatever the path.
  package func guarding(_ handler: @escaping HTTPHandler) -> HTTPHandler {
    { request in
      let settings = self.state.withLock { $0.settings }
      let refusal = await self.refusal(of: request, users: settings.users)
      var response: HTTPResponse
      if let refusal { response = refusal } else { response = await handler(request) }
      for header in settings.headers where response.headers[header.name] == nil {
        response.headers.add(header.name, header.value)
      }
      return response
    }
  }

  private func refusal(
    of request: HTTPRequest, users: [String: String]
  ) async -> HTTPResponse? {
    if users.isEmpty { return nil }
    guard let credentials = BasicCredentials(request.headers) else { return Self.unauthorized }
    // A user that is none costs the same, so that nobody learns of names by the time that it takes.
    let known = users[credentials.user]
    guard let hash = known ?? users.values.max(by: { $0.cost < $1.cost }) else { return nil }
    let key = known.flatMap { hash in
      digest?.of([Array(credentials.user.utf8), credentials.password, Array(hash.utf8)])
    }
    if let key, state.withLock({ $0.admitted.contains(key) }) { return nil }
    guard let matches = await checks.check(credentials.password, hash, from: request.peer) else {
      return Self.busy
    }
    guard matches, known != nil else { return Self.unauthorized }
    if let key { state.withLock { $0.admitted.insert(key) } }
    return nil
  }

  private static let unauthorized = HTTPResponse.error(
    401, "this page needs a name and a password that it knows",
    headers: ["WWW-Authenticate": #"Basic realm="weir", charset="UTF-8""#])

  private static let busy = HTTPResponse.error(
    503, "too many passwords wait to be checked; try again later", headers: ["Retry-After": "1"])
}

extension String {
  /// The digits of a bcrypt hash that say how much work it is.
  fileprivate var cost: Substring { dropFirst(4).prefix(2) }
}
