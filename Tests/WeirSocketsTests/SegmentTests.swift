import CLinux
import Glibc
import Testing

@testable import WeirSockets

@Suite("Datagrams merged by the kernel")
struct SegmentTests {
  /// Sends buffers of these sizes; the kernel splits each into datagrams of `segment` bytes.
  private func send(_ pieces: [Int], segment: Int32, to socket: borrowing UDPSocket) throws {
    let sender = try Sender(to: socket.address)
    var segment = segment
    // 0 means no splitting.
    #expect(setsockopt(sender.raw, Int32(IPPROTO_UDP), UDP_SEGMENT, &segment, 4) == 0)
    for piece in pieces {
      #expect(sender.send((0..<piece).map { UInt8(truncatingIfNeeded: $0) }))
    }
  }

  /// The length and segment size of every received slot.
  private func lengths(_ socket: borrowing UDPSocket, splits: Bool) throws -> [[Int]] {
    var batch = DatagramBatch(capacity: 8, splitsSegments: splits)
    var lengths: [[Int]] = []
    while case let count = try batch.receive(from: socket), count > 0 {
      for index in 0..<count {
        lengths.append([batch.length(of: index), batch.segmentBytes(of: index)])
      }
    }
    return lengths
  }

  @Test("are separated by their segment size")
  func pieces() throws {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: 1 << 20, flag: "--statsd.listen-udp")
    try socket.receiveSegments()
    try send([Int](repeating: 1_050, count: 16), segment: 100, to: socket)
    try send([40], segment: 100, to: socket)
    let lengths = try lengths(socket, splits: true)
    #expect(lengths == [[Int]](repeating: [1_050, 100], count: 16) + [[40, 40]])
  }

  @Test("are split by their own size, whatever the slot contained before")
  func sameSlot() throws {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: 1 << 20, flag: "--statsd.listen-udp")
    try socket.receiveSegments()
    // For a single datagram the kernel writes no control message and sets its length to 0. The
    // length must be reset for the next call, and the old message in the slot must be ignored.
    let sent: [(bytes: Int, segment: Int32)] = [
      (150, 0), (1_050, 100), (150, 0), (900, 60), (1_050, 100), (70, 0), (69, 0),
    ]
    for (bytes, segment) in sent { try send([bytes], segment: segment, to: socket) }
    var batch = DatagramBatch(capacity: 1, splitsSegments: true)
    for (bytes, segment) in sent {
      #expect(try batch.receive(from: socket) == 1)
      #expect(batch.length(of: 0) == bytes)
      #expect(batch.segmentBytes(of: 0) == (segment > 0 ? Int(segment) : bytes))
    }
  }

  @Test("arrive separately if UDP_GRO is off")
  func apart() throws {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: 1 << 20, flag: "--statsd.listen-udp")
    try send([250], segment: 100, to: socket)
    let lengths = try lengths(socket, splits: true)
    #expect(lengths == [[100, 100], [100, 100], [50, 50]])
  }

  @Test("count as one if the kernel drops them")
  func dropped() throws {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: 4_096, flag: "--statsd.listen-udp")
    try socket.receiveSegments()
    try send([Int](repeating: 1_000, count: 50), segment: 100, to: socket)
    let received = try lengths(socket, splits: true).count
    // Ten merged datagrams count as one drop. This is why UDP_GRO is not the default.
    #expect(received > 0 && Int(socket.drops.read()) == 50 - received)
  }
}
