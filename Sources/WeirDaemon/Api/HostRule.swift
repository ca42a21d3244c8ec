import WeirBytes
import WeirHTTP
import WeirSockets

/// Which `Host` a request for the page and its API may have.
///
/// A page of another site can give its own name the address 127.0.0.1 (DNS rebinding), and would then read what
/// only this machine should. Its requests have its name in `Host`. So where Weir listens on loopback alone, and
/// asks for no password, the host must be this machine.
final class HostRule: Sendable {
  private let names: [String]
  private let hasUsers: @Sendable () -> Bool
  private let isLoopbackOnly: Locked<Bool>

  /// - Parameter names: Further names of this machine, in any case.
  init(names: [String], hasUsers: @escaping @Sendable () -> Bool) {
    self.names = names.map { $0.lowercased() }
    self.hasUsers = hasUsers
    isLoopbackOnly = Locked(false)
  }

  /// Notes where the server listens.
  func use(_ addresses: [SocketAddress]) {
    let all = !addresses.isEmpty && addresses.allSatisfy(\.isLoopback)
    isLoopbackOnly.withLock { $0 = all }
  }

  /// A handler that changes something. To a browser it answers only where the host is this machine, because with a name
  /// of its own the page of another site passes for one of Weir's. Programs are not asked.
  func guarding(_ handler: @escaping HTTPHandler) -> HTTPHandler {
    { request in
      if request.isFromPage, let refusal = self.refusal(of: request) { return refusal }
      return await handler(request)
    }
  }

  /// The refusal of a request; nil if it may be answered.
  func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard isLoopbackOnly.withLock({ $0 }), !hasUsers() else { return nil }
    let host = HostRule.name(in: request.headers["Host"] ?? "").lowercased()
    // A client of HTTP/1.0 may send none; a browser always does.
    if host.isEmpty || host == "localhost" || host.hasSuffix(".localhost") || names.contains(host) {
      return nil
    }
    if SocketAddress(numericHost: host)?.isLoopback == true { return nil }
    return .error(
      421,
      "this host name is not one of Weir's, which listens on loopback alone; use localhost, or name it "
        + "with --web.host")
  }

  /// A host without its port and brackets.
  private static func name(in host: String) -> String {
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return String(host.prefix { $0 != ":" })
  }
}
