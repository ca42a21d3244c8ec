import CLinux
import Glibc
import Testing

@testable import WeirSockets

struct TCPListenerTests {
  let flag = "--web.listen-address"

  @Test func `a port in use is reported in one sentence`() throws {
    let first = try TCPListener.bind(to: .loopback(port: 0), flag: flag)
    let address = first.address
    #expect(
      sentence { _ = try TCPListener.bind(to: address, flag: flag) }
        == "cannot listen on \(address): the port is in use; "
        + "stop the other program or choose another with --web.listen-address")
  }

  @Test func `bytes are sent in both directions over IPv4 and IPv6`() throws {
    let listener = try TCPListener.bind(to: .any6(port: 0), flag: flag)
    let isEmpty = try listener.accept() == nil
    #expect(isEmpty)
    for target in [
      SocketAddress.loopback(port: listener.address.port), .loopback6(port: listener.address.port),
    ] {
      let client = try connectedSocket(to: target, type: SOCK_STREAM)
      defer { close(client) }
      #expect(waitReadable(listener.descriptor.raw))
      let stream = try required(try listener.accept())
      let peer = stream.peer
      #expect(peer.host == target.host)
      var buffer = [UInt8](repeating: 0, count: 16)
      var span = buffer.mutableSpan
      try expectReceived(.nothing, from: stream, into: &span)
      #expect(write(client, "ping", 4) == 4)
      shutdown(client, Int32(SHUT_WR))
      #expect(waitReadable(stream.descriptor.raw))
      span = buffer.mutableSpan
      try expectReceived(.bytes(4), from: stream, into: &span)
      span = buffer.mutableSpan
      try expectReceived(.end, from: stream, into: &span)
      #expect(Array(buffer.prefix(4)) == Array("ping".utf8))
      let sent = try stream.send(buffer.span)
      #expect(sent == 16)
      stream.finishSending()
      #expect(read(client, &buffer, 16) == 16)
      #expect(read(client, &buffer, 16) == 0)
    }
  }

  @Test func `sending on a broken connection is an error and not a signal`() throws {
    let listener = try TCPListener.bind(to: .loopback(port: 0), flag: flag)
    let client = try connectedSocket(to: listener.address, type: SOCK_STREAM)
    #expect(waitReadable(listener.descriptor.raw))
    let stream = try required(try listener.accept())
    close(client)
    let bytes = [UInt8](repeating: 0, count: 1 << 16)
    let said = sentence {
      while waitReadable(stream.descriptor.raw) { _ = try stream.send(bytes.span) }
    }
    #expect(said == "send failed: Broken pipe (errno 32)" || said?.contains("reset") == true)
  }

  private func expectReceived(
    _ wanted: TCPStream.Received, from stream: borrowing TCPStream,
    into span: inout MutableSpan<UInt8>
  ) throws {
    let found = try stream.receive(into: &span)
    #expect(found == wanted)
  }
}
