import Dispatch
import WeirConcurrency
import WeirSecurity

/// Who may come in, and how; it may change while the server runs.
package final class HTTPSecurity: Sendable {
  package struct Settings: Sendable {
    /// Nil accepts plain connections.
    package var tls: TLSContext?
    /// bcrypt hashes by user; empty lets everybody in.
    package var users: [String: String] = [:]
    /// How many requests are answered, those without a password as well; nil answers all.
    package var rate: RequestRate?
    /// Headers that every handler's answer carries.
    package var headers: [(name: String, value: String)] = []

    package init() {}
  }

  private struct State {
    var settings = Settings()
    var admitted = AdmittedCredentials()
    var level = RequestRate.Level()
  }

  private let state = Guarded(State())
  private let checks = PasswordChecks()
  /// Without randomness nothing is remembered, and every request pays for bcrypt.
  private let digest = SecretDigest()

  private let openPaths: Set<String>
  private let nanoseconds: @Sendable () -> UInt64

  /// - Parameters:
  ///   - openPaths: Paths that need no password and count towards no rate.
  ///   - nanoseconds: A clock that only goes forward.
  package init(
    openPaths: Set<String> = [],
    nanoseconds: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }
  ) {
    self.openPaths = openPaths
    self.nanoseconds = nanoseconds
  }

  /// Has new connections and new requests follow `settings`. Connections that are open keep the TLS
  /// that they have.
  package func use(_ settings: Settings) {
    state.withLock { $0.settings = settings }
  }

  /// What a connection is accepted with; nil without TLS.
  var tls: TLSContext? { state.withLock { $0.settings.tls } }

  /// What can be told of a request at once.
  enum Admission: Sendable {
    case admitted
    case refused(HTTPResponse)
    /// The password has to be checked, for which a place is kept.
    case undecided(Check)
  }

  struct Check: Sendable {
    let place: PasswordChecks.Place
    let password: [UInt8]
    let hash: String
    /// What is remembered if it is right; nil for a user that is none.
    let key: [UInt8]?
    let isKnown: Bool
  }

  /// Whether a request may come in, as far as that can be told without bcrypt.
  func admission(of request: HTTPRequest) -> Admission {
    if openPaths.contains(request.path) { return .admitted }
    if let refusal = rateRefusal() { return .refused(refusal) }
    let users = state.withLock { $0.settings.users }
    if users.isEmpty { return .admitted }
    guard let credentials = BasicCredentials(request.headers) else {
      return .refused(Self.unauthorized)
    }
    // A user that is none costs the same, so that nobody learns of names by the time that it takes.
    let known = users[credentials.user]
    guard let hash = known ?? users.values.max(by: { $0.cost < $1.cost }) else { return .admitted }
    let key = digest?.of([Array(credentials.user.utf8), credentials.password, Array(hash.utf8)])
    if known != nil, let key, state.withLock({ $0.admitted.contains(key) }) { return .admitted }
    guard let place = checks.place(for: request.peer) else { return .refused(Self.busy) }
    return .undecided(
      Check(
        place: place, password: credentials.password, hash: hash, key: key, isKnown: known != nil))
  }

  /// What is answered where there is no room for a request; nil where there is.
  private func rateRefusal() -> HTTPResponse? {
    let now = nanoseconds()
    return state.withLock { state in
      guard let rate = state.settings.rate, !state.level.take(at: now, rate) else { return nil }
      return .error(
        429, "there are more requests than rate_limit grants; try again later",
        headers: ["Retry-After": "\(rate.retrySeconds)"])
    }
  }

  /// The handler's answer to who may come in, and 401 to the others, whatever the path.
  func answer(
    _ request: HTTPRequest, _ admission: Admission, by handler: HTTPHandler
  ) async -> HTTPResponse {
    if let refusal = await refusal(of: admission) { return refusal }
    return dressed(await handler(request))
  }

  /// What who may not come in is answered; nil for who may.
  func refusal(of admission: Admission) async -> HTTPResponse? {
    switch admission {
    case .admitted: return nil
    case .refused(let refusal): return dressed(refusal)
    case .undecided(let check):
      guard
        let matches = await checks.check(check.password, check.hash, at: check.place)
      else { return dressed(Self.busy) }
      guard matches, check.isKnown else { return dressed(Self.unauthorized) }
      if let key = check.key { state.withLock { $0.admitted.insert(key) } }
      return nil
    }
  }

  /// A response with the headers that every one carries.
  func dressed(_ response: HTTPResponse) -> HTTPResponse {
    var response = response
    for header in state.withLock({ $0.settings.headers })
    where response.headers[header.name] == nil {
      response.headers.add(header.name, header.value)
    }
    return response
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
