import Testing
import WeirSockets

@testable import WeirDaemon

@Suite struct ReplayGateTests {
  /// Fills the buffer of a receiver that reads nothing, and sends a burst and one datagram through the gate.
  ///
  /// - Parameter pause: What the replay waits before each datagram.
  /// - Returns: How long the gate has held the last datagram back.
  private func held(pauses pause: Duration) throws -> Duration {
    let receiver = try UDPSocket.bind(to: .loopback(port: 0), flag: "x")
    let sender = try UDPSender.connect(to: receiver.address)
    let queue = try #require(ReceiverQueue(of: receiver.address))
    var gate = ReplayGate(.udp("127.0.0.1:\(receiver.address.port)"))
    let kilobyte = [UInt8](repeating: 1, count: 1_000)
    while try #require(queue.state()).bytes <= ReplayGate.bufferBytesMax {
      try sender.send(kilobyte.span)
    }
    for _ in 0..<ReplayGate.burstDatagrams {
      gate.paused(for: pause)
      gate.waitForRoom(bytes: 1)
    }
    gate.paused(for: pause)
    let start = ContinuousClock.now
    gate.waitForRoom(bytes: 1)
    return .now - start
  }

  @Test(arguments: [.zero, .microseconds(500), .milliseconds(5)] as [Duration])
  func `a full receiver is waited for after each burst, at any pace`(pause: Duration) throws {
    // It waits for a second; a slow machine only makes it longer.
    #expect(try held(pauses: pause) >= .milliseconds(900))
  }
}
