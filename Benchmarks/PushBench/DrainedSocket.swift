import BenchmarkKit
import WeirAggregation
import WeirMetrics
import WeirPush
import WeirSockets

/// A socket that is filled with frames and then emptied as the server's receivers do.
struct DrainedSocket: ~Copyable {
  private let socket: UDPSocket
  private let sender: UDPSender
  private var datagrams = DatagramBatch()

  /// How many frames of the usual size fit into the buffer.
  static let framesMax = 4_000
  private static let bufferBytes = 32 << 20

  private init(_ socket: consuming UDPSocket, _ sender: consuming UDPSender) {
    self.socket = socket
    self.sender = sender
  }

  /// A socket on the loopback, with a sender.
  static func make() throws -> DrainedSocket {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: bufferBytes, flag: "PushBench")
    let sender = try UDPSender.connect(to: socket.address)
    return DrainedSocket(socket, sender)
  }

  /// Sends frames, and returns the nanoseconds that it took to receive, decode and apply them.
  mutating func drain(
    _ frames: Frames, _ range: Range<Int>, into receiver: inout PushReceiver
  ) throws -> Int {
    for index in range {
      let frame = frames.bytes[frames.starts[index]..<frames.starts[index + 1]]
      try sender.send(Array(frame).span)
    }
    let start = Clock.now()
    var received = 0
    while received < range.count {
      let count = try datagrams.receive(from: socket)
      guard count > 0 else {
        throw RunError("Of \(range.count) frames \(received) came; raise net.core.rmem_max.")
      }
      for index in 0..<count {
        let start = datagrams.start(of: index)
        try receiver.take(datagrams.bytes, from: start, to: start + datagrams.length(of: index))
      }
      received += count
    }
    return Clock.now() - start
  }
}
