import Testing

@testable import WeirSockets

@Suite struct ClientNetworkTests {
  private func six(_ high: UInt64, _ low: UInt64) -> SocketAddress {
    SocketAddress(family: .ipv6, port: 9, high: high, low: low)
  }

  @Test func `an address of IPv4 is a network of its own, whatever its port`() {
    let one = ClientNetwork(.ipv4(10, 0, 0, 1, port: 1))
    #expect(one == ClientNetwork(.ipv4(10, 0, 0, 1, port: 2)))
    #expect(one != ClientNetwork(.ipv4(10, 0, 0, 2, port: 1)))
    #expect(one == ClientNetwork(six(0, 0xffff_0a00_0001)))
    #expect(ClientNetwork(.ipv4(0, 0, 0, 0, port: 1)) != ClientNetwork(six(0, 0)))
  }

  @Test func `addresses of IPv6 with the same first 64 bits are one network`() {
    let one = ClientNetwork(six(0x2001_0db8_0000_0001, 1))
    #expect(one == ClientNetwork(six(0x2001_0db8_0000_0001, .max)))
    #expect(one != ClientNetwork(six(0x2001_0db8_0000_0002, 1)))
  }
}
