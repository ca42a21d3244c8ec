import Testing

@testable import WeirSockets

struct ListenAddressTests {
  @Test(
    "listen addresses are parsed in every allowed form",
    arguments: [
      ("127.0.0.1:8125", "127.0.0.1:8125"),
      ("0.0.0.0:0", "0.0.0.0:0"),
      ("10.1.2.3:65535", "10.1.2.3:65535"),
      ("[::1]:8125", "[::1]:8125"),
      ("[::]:8125", "[::]:8125"),
      (":8125", "[::]:8125"),
      ("[2001:DB8:0:0::1]:9", "[2001:db8::1]:9"),
      ("localhost:9102", "127.0.0.1:9102"),
    ])
  func resolves(text: String, first: String) throws {
    let addresses = try ListenAddress.resolve(text)
    #expect(addresses.first?.description == first)
    #expect(Set(addresses).count == addresses.count)
  }

  static let like = "write host:port, for example 127.0.0.1:8125"
  static let like6 = "write an IPv6 address as [host]:port, for example [::1]:8125"
  static let port = "the port must be a number from 0 to 65535, for example 127.0.0.1:8125"

  @Test(
    "the error for an invalid address says what to write",
    arguments: [
      ("foo", like), ("", like), ("8125", like), ("[::1]", like6),
      ("::1:8125", like6), ("[::1:8125", like6),
      ("[]:1", "brackets are for IPv6 addresses; \(like)"),
      ("[127.0.0.1]:1", "brackets are for IPv6 addresses; \(like)"),
      ("127.0.0.1:", port), ("127.0.0.1:65536", port), ("127.0.0.1:-1", port),
      ("127.0.0.1:+1", port), ("127.0.0.1:http", port), ("localhost:٣", port),
      ("[::zz]:1", "::zz is not an IPv6 address"),
      ("a b:1", "the host contains an invalid character; write for example 127.0.0.1:8125"),
    ])
  func refuses(text: String, remedy: String) {
    #expect(
      sentence { _ = try ListenAddress.resolve(text) } == "bad address \"\(text)\": \(remedy)")
  }

  @Test func `the error for an unknown host contains its name`() {
    let said = sentence { _ = try ListenAddress.resolve("nowhere.invalid:8125") } ?? ""
    #expect(said.hasPrefix("unknown host \"nowhere.invalid\" in \"nowhere.invalid:8125\": "))
    #expect(said.hasSuffix("write an address of this machine, for example 127.0.0.1:8125"))
  }
}

struct SocketAddressTests {
  @Test(
    "an address is the same after conversion to the kernel's form and back",
    arguments: [
      SocketAddress.ipv4(1, 2, 3, 4, port: 5), .loopback6(port: 65535), .any6(port: 0),
      .loopback(port: 8125),
    ])
  func roundTrips(address: SocketAddress) {
    #expect(SocketAddress(address.storage) == address)
  }

  @Test func `an IPv4-mapped address is converted to IPv4`() throws {
    let mapped = try #require(try ListenAddress.resolve("[::ffff:10.0.0.7]:1").first)
    #expect(mapped.unmapped == .ipv4(10, 0, 0, 7, port: 1))
    #expect(SocketAddress.loopback6(port: 1).unmapped == .loopback6(port: 1))
  }
}
