import Glibc
import Testing

@testable import WeirSockets

struct UDPGroupTests {
  let flag = "--statsd.listen-udp"

  @Test func `senders are distributed over the sockets, and each always reaches the same one`()
    throws
  {
    var group = try UDPGroup.bind(
      to: .loopback(port: 0), receivers: 4, readBufferBytes: 1 << 18, flag: flag)
    let address = group.address
    var senders: [SocketAddress] = []
    for number in 0..<200 {
      let sender = try Sender(to: address)
      senders.append(sender.address)
      for part in 0..<3 { #expect(sender.send([UInt8(number), UInt8(part)])) }
    }
    var received: [Datagram] = []
    var socketsUsed = 0
    var batch = DatagramBatch()
    while let socket = group.next() {
      let bound = socket.address
      #expect(bound == address)
      var here: [Datagram] = []
      while try batch.receive(from: socket) > 0 {
        for index in 0..<batch.count {
          let start = batch.start(of: index)
          let bytes = [batch.bytes[start], batch.bytes[start + 1]]
          here.append(Datagram(bytes: bytes, sender: batch.sender(of: index)))
        }
      }
      socketsUsed += here.isEmpty ? 0 : 1
      // All three datagrams of a sender arrived here, in order.
      for (_, parts) in Dictionary(grouping: here, by: \.bytes[0]) {
        #expect(parts.map(\.bytes[1]) == [0, 1, 2])
      }
      received += here
    }
    #expect(socketsUsed == 4)
    #expect(received.count == 600)
    // Compared as sets because a port can be reused after its sender was closed.
    #expect(Set(received.map(\.sender)) == Set(senders))
  }

  @Test(
    "a port in use is refused, regardless of the number of sockets on either side",
    arguments: [1, 2, 5], [1, 2, 5])
  func refusesTakenPort(first: Int, second: Int) throws {
    var group = try UDPGroup.bind(to: .loopback(port: 0), receivers: first, flag: flag)
    let address = group.address
    // All sockets except one are closed; the port is still in use.
    let kept = group.next()
    while group.next() != nil {}
    for target in [address, .any4(port: address.port), .any6(port: address.port)] {
      let said = sentence { _ = try UDPGroup.bind(to: target, receivers: second, flag: flag) }
      #expect(
        said == "cannot listen on \(target): the port is in use; "
          + "stop the other program or choose another with --statsd.listen-udp")
    }
    _ = kept
  }

  @Test func `the port is free after the group was released`() throws {
    let address: SocketAddress
    do {
      let group = try UDPGroup.bind(to: .any6(port: 0), receivers: 3, flag: flag)
      address = group.address
    }
    let again = try UDPGroup.bind(to: address, receivers: 3, flag: flag)
    let bound = again.address
    #expect(bound == address)
  }

  @Test func `a single receiver does not share its port`() throws {
    var group = try UDPGroup.bind(to: .loopback(port: 0), receivers: 1, flag: flag)
    let socket = try required(group.next())
    let shared = try socket.descriptor.value(of: SO_REUSEPORT)
    #expect(shared == 0)
  }
}
