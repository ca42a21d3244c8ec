/// Where a socket receives: an address of the network, or the path of a Unix socket.
package enum SocketName: Sendable, Hashable, CustomStringConvertible {
  case address(SocketAddress)
  case path(String)

  /// The address or the path, as in the configuration.
  package var description: String {
    switch self {
    case .address(let address): address.description
    case .path(let path): path
    }
  }

  /// Nil for a path.
  package var address: SocketAddress? {
    if case .address(let address) = self { address } else { nil }
  }
}
