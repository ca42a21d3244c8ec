// Safety: poll(2) is given one structure on this function's stack, which outlives the call.
import BenchmarkKit
import Glibc
import WeirSockets

/// Receives until it is told to stop.
struct Loop: ~Copyable {
  /// How late a stop is noticed while nothing arrives.
  private static let stopMillisecondsMax: Int32 = 100
  /// In a flood, receive calls between two checks for a stop.
  private static let turnCallsMax = 64

  private let socket: UDPSocket
  private let gatherNanoseconds: Int
  private var batch = DatagramBatch()
  private(set) var counter = LineCounter()
  /// Receive calls that returned something.
  private(set) var calls = 0

  init(_ socket: consuming UDPSocket, gatherMilliseconds: Int) {
    self.socket = socket
    gatherNanoseconds = gatherMilliseconds * 1_000_000
  }

  var dropped: UInt64 { socket.drops.read() }

  /// Waits, gathers, and receives until the socket is empty, again and again.
  mutating func run(until deadline: Int, stop: StopSignal) throws(SystemError) {
    while !stop.isRaised && Clock.now() < deadline {
      guard wait() else { continue }
      if gatherNanoseconds > 0 { Clock.sleep(until: Clock.now() + gatherNanoseconds) }
      try takeTurn()
    }
  }

  /// Receives what the socket still holds, without waiting for more.
  mutating func finish() throws(SystemError) {
    try takeTurn()
  }

  private mutating func takeTurn() throws(SystemError) {
    for _ in 0..<Self.turnCallsMax {
      let received = try batch.receive(from: socket)
      if received > 0 { calls += 1 }
      counter.count(batch)
      if received < batch.capacity { return }
    }
  }

  /// Whether something arrives within a short time.
  private func wait() -> Bool {
    var entry = pollfd(fd: socket.descriptor.raw, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, Self.stopMillisecondsMax) > 0
  }
}
