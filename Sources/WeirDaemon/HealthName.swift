import WeirSockets

/// The names of the sockets of `weir health`: one for each address that a Weir serves.
///
/// Abstract Unix sockets and TCP ports belong to the same network namespace, so two Weirs in one
/// namespace have different names, and the process that serves an address has its name.
enum HealthName {
  /// The name of the socket of a Weir that serves `address`.
  static func of(_ address: SocketAddress) -> String { "weir-health/\(address)" }

  /// The name of the socket of `weir forget`. It is another one, because a question of `weir health`
  /// has no text, and is answered at once.
  static func forget(_ address: SocketAddress) -> String { "weir-forget/\(address)" }

  /// The names to try in turn for the Weir that serves `address`: it may listen on all addresses,
  /// in which case no other process can listen on one of them.
  static func candidates(
    for address: SocketAddress, _ name: (SocketAddress) -> String = HealthName.of
  ) -> [String] {
    let port = address.port
    let wide: [SocketAddress] =
      address.family == .ipv4 ? [.any4(port: port), .any6(port: port)] : [.any6(port: port)]
    return ([address] + wide.filter { $0 != address }).map(name)
  }
}
