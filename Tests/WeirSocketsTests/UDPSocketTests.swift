import Glibc
import Testing

@testable import WeirSockets

struct UDPSocketTests {
  let flag = "--statsd.listen-udp"

  @Test("datagrams of every size arrive complete", arguments: [0, 1, 1_432, 8_192, 65_507])
  func arrivesComplete(size: Int) throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), readBufferBytes: 1 << 20, flag: flag)
    let sender = try Sender(to: socket.address)
    var batch = DatagramBatch(capacity: 4)
    let sent = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(sender.send(sent))
    let received = try receive(1, from: socket, by: &batch)
    #expect(received == [Datagram(bytes: sent, sender: sender.address)])
    let isTruncated = batch.isTruncated(0)
    #expect(!isTruncated)
    let room = batch.bytes.count - batch.start(of: 0) - batch.length(of: 0)
    #expect(room >= 64)
  }

  @Test func `a batch keeps datagrams separate and in order`() throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: flag)
    let sender = try Sender(to: socket.address)
    var batch = DatagramBatch(capacity: 8)
    for round in 0..<3 {
      let sent = (0..<20).map { [UInt8](repeating: UInt8($0 + round), count: $0) }
      for datagram in sent { #expect(sender.send(datagram)) }
      let received = try receive(20, from: socket, by: &batch)
      #expect(received.map(\.bytes) == sent)
      #expect(received.allSatisfy { $0.sender == sender.address })
    }
    let more = try batch.receive(from: socket)
    let count = batch.count
    #expect(more == 0 && count == 0)
  }

  @Test func `the slot of an offset is found`() {
    let batch = DatagramBatch(capacity: 3)
    for index in 0..<3 {
      let start = batch.start(of: index)
      let slots = [start, start + 65_506].map { batch.slot(containing: $0) }
      #expect(slots == [index, index])
    }
    let (bytes, end) = (batch.bytes.count, batch.start(of: 3))
    #expect(bytes == end)
    #expect(DatagramBatch.stride / 64 % 2 == 1, "slots should start in different cache sets")
  }

  @Test func `pages that no datagram has reached use no memory`() throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: flag)
    let sender = try Sender(to: socket.address)
    var batch = DatagramBatch(capacity: 64)
    sender.send([1])
    let received = try receive(1, from: socket, by: &batch)
    #expect(received.count == 1)
    let bytes = batch.bytes.count
    let resident = batch.bytes.withUnsafeBufferPointer { buffer in
      var pages = [UInt8](repeating: 0, count: bytes / 4_096 + 1)
      mincore(UnsafeMutableRawPointer(mutating: buffer.baseAddress), bytes, &pages)
      return pages.reduce(0) { $0 + Int($1 & 1) }
    }
    #expect(resident >= 1 && resident <= 4)
  }

  @Test func `a dual-stack socket receives both families and reports IPv4 senders as IPv4`() throws
  {
    let socket = try UDPSocket.bind(to: .any6(port: 0), flag: flag)
    var batch = DatagramBatch(capacity: 2)
    let four = try Sender(to: .loopback(port: socket.address.port))
    let six = try Sender(to: .loopback6(port: socket.address.port))
    four.send([4])
    six.send([6])
    let senders = Set(try receive(2, from: socket, by: &batch).map(\.sender))
    #expect(senders == [four.address, six.address])
  }

  @Test func `the granted buffer has the unit of the requested one`() throws {
    let requested = 64 * 1_024
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: requested, flag: flag)
    let granted = socket.receiveBufferBytes
    #expect(granted == requested)
  }

  @Test func `received and dropped datagrams add up to those sent`() throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), readBufferBytes: 4_096, flag: flag)
    let drops = socket.drops
    #expect(drops.read() == 0)
    let sender = try Sender(to: socket.address)
    for _ in 0..<500 { #expect(sender.send([UInt8](repeating: 65, count: 100))) }
    var batch = DatagramBatch()
    var received = 0
    while case let count = try batch.receive(from: socket), count > 0 { received += count }
    #expect(received > 0 && received < 500)
    #expect(drops.read() == UInt64(500 - received))
  }

  @Test func `drops can be read while the socket receives and after it was closed`() async throws {
    let drops: DropCounter
    do {
      let socket = try UDPSocket.bind(to: .loopback(port: 0), readBufferBytes: 2_048, flag: flag)
      drops = socket.drops
      let reader = Task.detached { (0..<2_000).reduce(0) { last, _ in max(last, drops.read()) } }
      let sender = try Sender(to: socket.address)
      var batch = DatagramBatch()
      for _ in 0..<2_000 { sender.send([1]) }
      _ = try batch.receive(from: socket)
      #expect(await reader.value <= 2_000)
    }
    let last = drops.read()
    #expect(last > 0)
    let other = try UDPSocket.bind(to: .loopback(port: 0), flag: flag)
    #expect(drops.read() == last)
    let others = other.drops.read()
    #expect(others == 0)
  }

  @Test func `the drop tally handles the wrap-around of the kernel's counter`() {
    var tally = DropTally()
    for (reading, total) in [
      (7, 7), (7, 7), (.max, 0xffff_ffff), (0, 0x1_0000_0000), (5, 0x1_0000_0005),
    ] as [(UInt32, UInt64)] {
      tally.advance(to: reading)
      #expect(tally.total == total)
    }
  }

  @Test(
    "an address that the machine does not have is reported in one sentence",
    arguments: [
      (
        SocketAddress.ipv4(192, 0, 2, 1, port: 8_125),
        "cannot listen on 192.0.2.1:8125: this machine does not have this address; "
          + "choose another with --statsd.listen-udp"
      )
    ])
  func refuses(address: SocketAddress, said: String) {
    #expect(sentence { _ = try UDPSocket.bind(to: address, flag: flag) } == said)
    #expect(sentence { _ = try TCPListener.bind(to: address, flag: flag) } == said)
  }

  @Test func `a privileged port is reported in one sentence`() {
    let error = ListenError(
      address: .any4(port: 80), cause: SystemError(.bind, code: EACCES), flag: flag)
    #expect(
      error.description == "cannot listen on 0.0.0.0:80: permission denied; "
        + "choose a port above 1023 with --statsd.listen-udp, "
        + "or give the program the capability CAP_NET_BIND_SERVICE")
  }
}
