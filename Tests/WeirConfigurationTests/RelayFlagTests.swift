import Testing

@testable import WeirConfiguration

@Suite struct RelayFlagTests {
  private func relay(_ flags: [String]) throws -> Options.Relay {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("not a run")
    }
    return options.relay
  }

  @Test func `nothing is relayed by default, or to an empty address`() throws {
    #expect(try relay([]) == Options.Relay())
    #expect(try relay(["--statsd.relay.address="]).addresses.isEmpty)
    #expect(try relay(["--statsd.relay.packet-length=8000"]).packetBytes == 8_000)
  }

  @Test(arguments: [
    ("statsd.example:8125", RelayAddress.udp("statsd.example:8125")),
    (":8125", .udp("127.0.0.1:8125")),
    ("[::1]:8125", .udp("[::1]:8125")),
    ("unixgram:///run/statsd.sock", .unix("/run/statsd.sock")),
    ("/run/statsd.sock", .unix("/run/statsd.sock")),
  ])
  func `an address is a host with a port or a path`(text: String, address: RelayAddress) throws {
    #expect(try RelayAddress(text) == address)
    let relay = try relay(["--statsd.relay.address", text, "--statsd.relay.address=b:1"])
    #expect(relay.addresses == [text, "b:1"])
  }

  @Test(arguments: ["statsd.example", ":", "a:0", "a:70000", "::1:8125", "a:b"])
  func `other addresses are refused`(text: String) {
    #expect(
      throws: UsageError(
        "--statsd.relay.address: \"\(text)\" is neither HOST:PORT nor the path of a socket; write for "
          + "example statsd.example:8125 or unixgram:///run/statsd.sock")
    ) { _ = try relay(["--statsd.relay.address=\(text)"]) }
  }

  @Test(arguments: ["unixgram://statsd.sock", "run/statsd.sock", "unixgram://", "/" + long])
  func `paths that are none are refused`(text: String) {
    #expect(
      throws: UsageError(
        "--statsd.relay.address: \"\(text)\" is not the path of a socket; write one from / on, of at "
          + "most 107 bytes, such as unixgram:///run/statsd.sock")
    ) { _ = try relay(["--statsd.relay.address=\(text)"]) }
  }

  private static let long = String(repeating: "x", count: 107)

  @Test(arguments: ["0", "1", "65508", "x"])
  func `packets that hold no line or that UDP has not are refused`(text: String) {
    #expect(
      throws: UsageError(
        "--statsd.relay.packet-length: \"\(text)\" is not a number of bytes; write one from 2 to "
          + "65507, such as 2000 or 2KiB")
    ) { _ = try relay(["--statsd.relay.packet-length=\(text)"]) }
  }
}
