/// Whom limits for one client are held against: an IPv4 address, or the 64 bits of an IPv6 address that
/// are its network's, because whoever has one address of such a network has all of them.
package struct ClientNetwork: Hashable, Sendable {
  private let family: SocketAddress.Family
  private let number: UInt64

  package init(_ address: SocketAddress) {
    let address = address.unmapped
    family = address.family
    number = address.family == .ipv4 ? address.low : address.high
  }
}
