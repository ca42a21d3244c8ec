import Testing

@testable import WeirSockets

@Suite struct ReceiverQueueTests {
  private static let text = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
      12: 0100007F:1FBD 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 1 2 0000000000000000 17
      13: 00000000:1FBD 00000000:0000 07 00000000:00000A00 00:00000000 00000000     0        0 1 2 0000000000000000 3
      14: 0200007F:1FBD 00000000:0000 07 00000000:000FFFFF 00:00000000 00000000     0        0 1 2 0000000000000000 5
      15: 0100007F:1FBE 00000000:0000 07 00000000:000FFFFF 00:00000000 00000000     0        0 1 2 0000000000000000 5
      16: half of a line
      17: 00000000000000000000000001000000:1FBD 0:0 07 0:00000B00 00:0 0     0        0 1 2 0 9

    """

  private func state(_ address: SocketAddress) -> ReceiverQueue.State? {
    ReceiverQueue.state(
      in: Array(Self.text.utf8), ReceiverQueue.hosts(address), address.port)
  }

  @Test func `the fullest buffer and all drops of an address are found`() {
    let one = state(.loopback(port: 8_125))
    #expect(one == ReceiverQueue.State(bytes: 0xa00, dropped: 20))
    #expect(state(.loopback(port: 8_126))?.bytes == 0xfffff)
    #expect(state(.loopback(port: 8_127)) == nil)
    #expect(state(.loopback6(port: 8_125)) == ReceiverQueue.State(bytes: 0xb00, dropped: 9))
    #expect(ReceiverQueue.state(in: [], ReceiverQueue.hosts(.loopback(port: 1)), 1) == nil)
  }

  @Test func `what waits in a socket of this machine is seen`() throws {
    for any in [
      SocketAddress.loopback(port: 0), .any4(port: 0), .any6(port: 0), .loopback6(port: 0),
    ] {
      let receiver = try UDPSocket.bind(to: any, flag: "x")
      let port = receiver.address.port
      let target: SocketAddress =
        any.family == .ipv6 && any == .loopback6(port: 0)
        ? .loopback6(port: port) : .loopback(port: port)
      let queue = try #require(ReceiverQueue(of: target))
      #expect(queue.state() == ReceiverQueue.State(bytes: 0, dropped: 0))
      let sender = try UDPSender.connect(to: target)
      try sender.send([UInt8](repeating: 1, count: 100).span)
      #expect(try #require(queue.state()).bytes >= 100)
    }
    // TEST-NET-1 is no machine's.
    #expect(ReceiverQueue(of: .ipv4(192, 0, 2, 1, port: 8_125)) == nil)
  }
}
