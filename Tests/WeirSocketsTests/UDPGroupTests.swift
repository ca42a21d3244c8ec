import Glibc
import Testing

@testable import WeirSockets

struct UDPGroupTests {
  let flag = "--statsd.listen-udp"

  @Test func `senders spread over the sockets and each stays with one`() throws {
    var group = try UDPGroup.bind(
      to: .loopback(port: 0), receivers: 4, readBufferBytes: 1 << 18, flag: flag)
    let address = group.address
    var senders: [SocketAddress] = []
    for number in 0..<200 {
      let sender = try Sender(to: address)
      senders.append(sender.address)
      for part in 0..<3 { #expect(sender.send([UInt8(number), UInt8(part)])) }
    }
    var heard: [Datagram] = []
    var sharers = 0
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
      sharers += here.isEmpty ? 0 : 1
      // All three of a sender came here, and in order.
      for (_, parts) in Dictionary(grouping: here, by: \.bytes[0]) {
        #expect(parts.map(\.bytes[1]) == [0, 1, 2])
      }
      heard += here
    }
    #expect(sharers == 4)
    #expect(heard.count == 600)
    // A port is free again for the next sender once its own has closed.
    #expect(Set(heard.map(\.sender)) == Set(senders))
  }

  @Test(
    "a port that is taken is refused, however many sockets either side has",
    arguments: [1, 2, 5], [1, 2, 5])
  func refusesTakenPort(first: Int, second: Int) throws {
    var group = try UDPGroup.bind(to: .loopback(port: 0), receivers: first, flag: flag)
    let address = group.address
    // Every socket but one is closed: the port is still taken.
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

  @Test func `a group that is dropped frees its port`() throws {
    let address: SocketAddress
    do {
      let group = try UDPGroup.bind(to: .any6(port: 0), receivers: 3, flag: flag)
      address = group.address
    }
    let again = try UDPGroup.bind(to: address, receivers: 3, flag: flag)
    let bound = again.address
    #expect(bound == address)
  }

  @Test func `one receiver does not open its port to others`() throws {
    var group = try UDPGroup.bind(to: .loopback(port: 0), receivers: 1, flag: flag)
    let socket = try required(group.next())
    let shared = try socket.descriptor.value(of: SO_REUSEPORT)
    #expect(shared == 0)
  }
}
