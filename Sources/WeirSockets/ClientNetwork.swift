/// The unit to which limits per client apply: an IPv4 address, or the first 64 bits of an IPv6
/// address. A client usually controls all addresses of its IPv6 /64 network.
package struct ClientNetwork: Hashable, Sendable {
  private let family: SocketAddress.Family
  private let number: UInt64

  package init(_ address: SocketAddress) {
    let address = address.unmapped
    family = address.family
    number = address.family == .ipv4 ? address.low : address.high
  }
}
