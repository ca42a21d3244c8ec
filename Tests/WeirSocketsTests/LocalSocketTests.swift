import Foundation
import Testing

@testable import WeirSockets

@Suite struct LocalSocketTests {
  private let name = "weir-test/\(UUID().uuidString)"

  private func code(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SystemError)?.code
    }
  }

  @Test func `two processes connect by name and know each other's user`() throws {
    let listener = try LocalSocket.listen(name)
    #expect(listener.accept() == nil)
    let client = try LocalSocket.connect(name, timeoutSeconds: 5)
    let server = try #require(listener.accept())
    #expect(try client.peerUser() == geteuid())
    #expect(try server.peerUser() == geteuid())
    server.send("said")
    #expect(try client.receive(bytesMax: 4) == "said")
  }

  @Test func `a name has one listener, and is free before and after it`() throws {
    #expect(code { _ = try LocalSocket.connect(name, timeoutSeconds: 1) } == ECONNREFUSED)
    var listener: LocalSocket? = try LocalSocket.listen(name)
    #expect(code { _ = try LocalSocket.listen(name) } == EADDRINUSE)
    // A name that starts with another is a different name.
    #expect(code { _ = try LocalSocket.connect(name + "0", timeoutSeconds: 1) } == ECONNREFUSED)
    #expect(listener != nil)
    listener = nil
    #expect(code { _ = try LocalSocket.listen(name) } == nil)
  }

  @Test func `receiving from a silent peer times out`() throws {
    let listener = try LocalSocket.listen(name)
    let client = try LocalSocket.connect(name, timeoutSeconds: 1)
    #expect(code { _ = try client.receive(bytesMax: 1) } == EAGAIN)
    #expect(listener.accept() != nil)
    #expect(try client.receive(bytesMax: 1) == "")
  }

  @Test func `waiting ends with the first bytes, with the end of the stream, or in time`() throws {
    let listener = try LocalSocket.listen(name)
    var client: LocalSocket? = try LocalSocket.connect(name, timeoutSeconds: 5)
    let server = try #require(listener.accept())
    #expect(!server.waitToReceive(until: .now + .milliseconds(20)))
    #expect(server.receiveArrived(bytesMax: 4) == nil)
    client?.send("said")
    #expect(server.waitToReceive(until: .now + .seconds(60)))
    #expect(server.receiveArrived(bytesMax: 4) == Array("said".utf8))
    client = nil
    #expect(server.waitToReceive(until: .now + .seconds(60)))
    #expect(server.receiveArrived(bytesMax: 4) == [])
    #expect(!server.waitToReceive(until: .now - .seconds(1)))
  }

  @Test func `a name that is too long is refused`() {
    let long = String(repeating: "a", count: LocalSocket.nameBytesMax + 1)
    #expect(code { _ = try LocalSocket.listen(long) } == ENAMETOOLONG)
    #expect(code { _ = try LocalSocket.listen(String(name.prefix(20)) + long.prefix(80)) } == nil)
  }
}
