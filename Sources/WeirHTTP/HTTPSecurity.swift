import Dispatch
import WeirBytes
import WeirSecurity
import WeirSockets

/// TLS, users, rate limit and additional headers of a server. They may change while it runs.
package final class HTTPSecurity: Sendable {
  package struct Settings: Sendable {
    /// TLS for new connections; nil for plain HTTP.
    package var tls: TLSContext?
    /// bcrypt hashes by user name; if empty, no password is needed.
    package var users: [String: String] = [:]
    /// The limit on requests, including those with a wrong password or none; nil for no limit.
    package var rate: RequestRate?
    /// Headers added to every response, unless the handler has set them.
    package var headers: [(name: String, value: String)] = []

    package init() {}
  }

  private struct State {
    var settings = Settings()
    var level = RequestRate.Level()
    /// The hash with the highest cost; nil if there are no users.
    var costliestHash: String?
  }

  private let state = Locked(State())
  private let checks: PasswordChecks
  /// Nil if there is no randomness. Then nothing is remembered and every request needs bcrypt.
  private let digest = SecretDigest()

  private let openPaths: Set<String>
  private let nanoseconds: @Sendable () -> UInt64

  /// - Parameters:
  ///   - openPaths: Paths that need no password and do not count towards the rate limit.
  ///   - nanoseconds: A monotonic clock.
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

  /// Applies `settings` to new connections and new requests. Open connections keep their TLS.
  package func use(_ settings: Settings) {
    let costliestHash = settings.users.values.max { ($0.bcryptCost ?? 0) < ($1.bcryptCost ?? 0) }
    state.withLock { state in
      state.settings = settings
      state.costliestHash = costliestHash
    }
  }

  /// The TLS settings for a new connection; nil for plain HTTP.
  var tls: TLSContext? { state.withLock { $0.settings.tls } }

  /// Whether a request may be answered.
  enum Access: Sendable {
    case granted
    case denied(HTTPResponse)
    /// The password has to be checked first.
    case pending(PasswordAttempt)
  }

  /// Whether requests need a password.
  package var hasUsers: Bool { state.withLock { !$0.settings.users.isEmpty } }

  /// Whether a page needs no password.
  func isOpen(_ path: String) -> Bool { openPaths.contains(path) }

  /// Whether a request may be answered, as far as that is known without bcrypt.
  func access(for request: HTTPRequest) -> Access {
    if isOpen(request.path) { return .granted }
    if let denial = rateLimitDenial() { return .denied(denial) }
    let (users, costliestHash) = state.withLock { ($0.settings.users, $0.costliestHash) }
    guard let costliestHash else { return .granted }
    guard let credentials = BasicCredentials(request.headers) else {
      return .denied(Self.unauthorized)
    }
    let hash = users[credentials.user]
    let attempt = PasswordAttempt(
      user: credentials.user, password: credentials.password, hash: hash,
      costliestHash: costliestHash,
      // The last part keeps a removed user from matching a digest from before the removal.
      digest: digest?.digest(of: [
        Array(credentials.user.utf8), credentials.password, Array((hash ?? costliestHash).utf8),
        [hash == nil ? 0 : 1],
      ]))
    switch attempt.digest.flatMap(checks.remembered) {
    case true?: return .granted
    case false?: return .denied(Self.unauthorized)
    case nil: break
    }
    let network = ClientNetwork(request.peer ?? .any4(port: 0))
    return checks.add(attempt, from: network) ? .pending(attempt) : .denied(Self.tooManyPasswords)
  }

  /// Counts a request towards the rate limit; returns the response if the limit is exceeded.
  private func rateLimitDenial() -> HTTPResponse? {
    let now = nanoseconds()
    return state.withLock { state in
      guard let rate = state.settings.rate, !state.level.take(at: now, rate) else { return nil }
      return .error(
        429, "the request rate exceeds rate_limit; try again later",
        headers: ["Retry-After": "\(rate.retrySeconds)"])
    }
  }

  /// The handler's response if access is granted, or else the denial.
  func answer(
    _ request: HTTPRequest, access: Access, handler: HTTPHandler
  ) async -> HTTPResponse {
    if let denial = await denial(for: access) { return denial }
    return addingHeaders(to: await handler(request))
  }

  /// Waits for the password check if necessary. Nil if access is granted.
  func denial(for access: Access) async -> HTTPResponse? {
    switch access {
    case .granted: return nil
    case .denied(let denial): return addingHeaders(to: denial)
    case .pending(let attempt):
      switch await attempt.result() {
      case true?: return nil
      case false?: return addingHeaders(to: Self.unauthorized)
      case nil: return addingHeaders(to: Self.tooManyPasswords)
      }
    }
  }

  /// Adds the configured headers that a response does not have yet.
  func addingHeaders(to response: HTTPResponse) -> HTTPResponse {
    var response = response
    for header in state.withLock({ $0.settings.headers })
    where response.headers[header.name] == nil {
      response.headers.add(header.name, header.value)
    }
    return response
  }

  private static let unauthorized = HTTPResponse.error(
    401, "authentication required; send a valid user name and password",
    headers: ["WWW-Authenticate": #"Basic realm="weir", charset="UTF-8""#])

  private static let tooManyPasswords = HTTPResponse.error(
    503, "too many passwords are waiting to be checked; try again later",
    headers: ["Retry-After": "1"])
}
