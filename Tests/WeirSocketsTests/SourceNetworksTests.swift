import Testing
import WeirSockets

@Suite("Source networks")
struct SourceNetworksTests {
  @Test(
    "contain the addresses with the same prefix",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1:5", true), ("10.0.0.0/8", "11.0.0.1:5", false),
      ("127.0.0.1", "127.0.0.1:5", true), ("127.0.0.1/32", "127.0.0.2:5", false),
      ("192.168.1.128/25", "192.168.1.200:5", true), ("192.168.1.128/25", "192.168.1.100:5", false),
      ("0.0.0.0/0", "8.8.8.8:53", true), ("0.0.0.0/0", "[::1]:53", false),
      ("fd00::/8", "[fdff::1]:5", true), ("fd00::/8", "[fe80::1]:5", false),
      ("2001:db8::/33", "[2001:db8:7fff::]:1", true),
      ("2001:db8::/33", "[2001:db8:8000::]:1", false),
      ("2001:db8::1/128", "[2001:db8::1]:1", true),
      ("2001:db8::/65", "[2001:db8::8000:0:0:0]:1", false),
      ("::/0", "[2001:db8::1]:1", true), ("::/0", "10.0.0.1:1", false),
      ("10.0.0.0/8", "[::ffff:10.1.2.3]:5", true), ("::ffff:10.0.0.1", "10.0.0.1:5", true),
    ])
  func contains(network: String, address: String, isIn: Bool) throws {
    var networks = SourceNetworks()
    #expect(networks.isEmpty)
    try networks.add(network)
    let addresses = try ListenAddress.resolve(address)
    #expect(networks.contains(addresses[0]) == isIn)
  }

  @Test(
    "report what is wrong with an invalid network",
    arguments: [
      ("10.0.0.1/8", "\"10.0.0.1/8\" has host bits set; write 10.0.0.0/8"),
      ("fd00::1/64", "\"fd00::1/64\" has host bits set; write fd00::/64"),
      ("10.0.0.0/33", "\"10.0.0.0/33\" has an invalid prefix length; use a number from 0 to 32"),
      ("10.0.0.0/", "\"10.0.0.0/\" has an invalid prefix length; use a number from 0 to 32"),
      ("10.0.0.0/-1", "\"10.0.0.0/-1\" has an invalid prefix length; use a number from 0 to 32"),
      ("::/129", "\"::/129\" has an invalid prefix length; use a number from 0 to 128"),
      ("10.0.0/8", "\"10.0.0/8\" is not a network; write for example 10.0.0.0/8 or fd00::/8"),
      ("host", "\"host\" is not a network; write for example 10.0.0.0/8 or fd00::/8"),
      ("", "\"\" is not a network; write for example 10.0.0.0/8 or fd00::/8"),
    ])
  func mistakes(network: String, message: String) {
    var networks = SourceNetworks()
    #expect(throws: SourceNetworkError.self) { try networks.add(network) }
    do {
      try networks.add(network)
    } catch {
      #expect(error.description == message)
    }
  }
}
