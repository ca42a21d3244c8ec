import Dispatch
import WeirBytes
import WeirSecurity
import WeirSockets

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
    var level = RequestRate.Level()
    /// The hash of all users that takes longest; nil without users.
    var costliest: String?
  }

  private let state = Locked(State())
  private let checks: PasswordChecks
  /// Without randomness nothing is remembered, and every request pays for bcrypt.
  private let digest = SecretDigest()

  private let openPaths: Set<String>
  private let nanoseconds: @Sendable () -> UInt64

  /// - Parameters:
  ///   - openPaths: Paths that need no password and count towards no rate.
  ///   - nanoseconds: A clock that only goes forward.
  package convenience init(
    openPaths: Set<String> = [],
    nanoseconds: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }
  ) {
    self.init(checks: PasswordChecks(), openPaths: openPaths, nanoseconds: nanoseconds)
  }

  init(
    checks: PasswordChecks, openPaths: Set<String> = [],
    nanoseconds: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }
  ) {
    self.checks = checks
    self.openPaths = openPaths
    self.nanoseconds = nanoseconds
  }

  /// Has new connections and new requests follow `settings`. Connections that are open keep the TLS
  /// that they have.
  package func use(_ settings: Settings) {
    let costliest = settings.users.values.max { ($0.bcryptCost ?? 0) < ($1.bcryptCost ?? 0) }
    state.withLock { state in
      state.settings = settings
      state.costliest = costliest
    }
  }

  /// What a connection is accepted with; nil without TLS.
  var tls: TLSContext? { state.withLock { $0.settings.tls } }

  /// What can be told of a request at once.
  enum Admission: Sendable {
    case admitted
    case refused(HTTPResponse)
    /// The password waits to be checked.
    case undecided(PasswordAttempt)
  }

  /// Whether a page needs no password.
  func isOpen(_ path: String) -> Bool { openPaths.contains(path) }

  /// Whether a request may come in, as far as that can be told without bcrypt.
  func admission(of request: HTTPRequest) -> Admission {
    if isOpen(request.path) { return .admitted }
    if let refusal = rateRefusal() { return .refused(refusal) }
    let (users, costliest) = state.withLock { ($0.settings.users, $0.costliest) }
    guard let costliest else { return .admitted }
    guard let credentials = BasicCredentials(request.headers) else {
      return .refused(Self.unauthorized)
    }
    let hash = users[credentials.user]
    let attempt = PasswordAttempt(
      user: credentials.user, password: credentials.password, hash: hash, costliest: costliest,
      // A user that has been taken away must not be taken for one that was let in.
      digest: digest?.of([
        Array(credentials.user.utf8), credentials.password, Array((hash ?? costliest).utf8),
        [hash == nil ? 0 : 1],
      ]))
    switch attempt.digest.flatMap(checks.remembered) {
    case true?: return .admitted
    case false?: return .refused(Self.unauthorized)
    case nil: break
    }
    let network = ClientNetwork(request.peer ?? .any4(port: 0))
    return checks.add(attempt, from: network) ? .undecided(attempt) : .refused(Self.busy)
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
    case .undecided(let attempt):
      switch await attempt.verdict() {
      case true?: return nil
      case false?: return dressed(Self.unauthorized)
      case nil: return dressed(Self.busy)
      }
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
