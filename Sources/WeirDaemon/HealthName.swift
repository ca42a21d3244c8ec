import WeirSockets

/// The names under which a Weir can be asked whether it is ready: one for each address that it serves.
///
/// Abstract Unix sockets and TCP ports belong to the same network namespace, so that two Weirs that can
/// both run there have different names, and whoever serves an address is the one that has its name.
enum HealthName {
  /// The socket's name of a Weir that serves `address`, or `[::]` or `0.0.0.0` in its place.
  static func of(_ address: SocketAddress) -> String { "weir-health/\(address)" }

  /// The names to ask in turn for the Weir that serves `address`: where somebody serves all addresses
  /// at a port, nobody else can serve one of them.
  static func candidates(for address: SocketAddress) -> [String] {
    let port = address.port
    let wide: [SocketAddress] =
      address.family == .ipv4 ? [.any4(port: port), .any6(port: port)] : [.any6(port: port)]
    return ([address] + wide.filter { $0 != address }).map(of)
  }
}
