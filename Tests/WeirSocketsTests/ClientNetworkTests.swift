import Testing

@testable import WeirSockets

@Suite struct ClientNetworkTests {
  private func ipv6(high: UInt64, low: UInt64) -> SocketAddress {
    SocketAddress(family: .ipv6, port: 9, high: high, low: low)
  }

  @Test func `an IPv4 address is a network, regardless of the port`() {
    let one = ClientNetwork(.ipv4(10, 0, 0, 1, port: 1))
    #expect(one == ClientNetwork(.ipv4(10, 0, 0, 1, port: 2)))
    #expect(one != ClientNetwork(.ipv4(10, 0, 0, 2, port: 1)))
    #expect(one == ClientNetwork(ipv6(high: 0, low: 0xffff_0a00_0001)))
    #expect(ClientNetwork(.ipv4(0, 0, 0, 0, port: 1)) != ClientNetwork(ipv6(high: 0, low: 0)))
  }

  @Test func `IPv6 addresses with the same first 64 bits are one network`() {
    let one = ClientNetwork(ipv6(high: 0x2001_0db8_0000_0001, low: 1))
    #expect(one == ClientNetwork(ipv6(high: 0x2001_0db8_0000_0001, low: .max)))
    #expect(one != ClientNetwork(ipv6(high: 0x2001_0db8_0000_0002, low: 1)))
  }
}
