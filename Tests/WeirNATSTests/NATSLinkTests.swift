import Testing

@testable import WeirNATS

@Suite(.serialized) struct NATSLinkTests {
  private static func link(_ server: NATSServerProcess) throws -> NATSLink {
    try NATSLink.open()
    return try NATSLink(.init(url: server.url, clientName: "test"))
  }

  @Test func `subscriptions end while messages arrive for them`() async throws {
    let server = try NATSServerProcess()
    let (sender, receiver) = (try Self.link(server), try Self.link(server))
    let flood = Task.detached {
      while !Task.isCancelled {
        for _ in 0..<1_000 { try sender.publish([1], to: "flood") }
        await Task.yield()
      }
    }
    var received = 0
    for step in 1...6_000 {
      let subscription = try receiver.subscribe("flood", messagesMax: 100, bytesMax: 1 << 20)
      if let message = try? subscription.next(milliseconds: 100), message.payload == [1] {
        received += 1
      }
      subscription.end()
      if step % 1_000 == 0 {
        #expect(throws: NATSFault.nobody) {
          _ = try receiver.request("none", [], milliseconds: 5_000)
        }
      }
    }
    flood.cancel()
    try await flood.value
    #expect(received > 2_000)
  }

  @Test func `a connection is freed while messages arrive and requests wait`() async throws {
    let server = try NATSServerProcess()
    let sender = try Self.link(server)
    for _ in 0..<200 {
      let receiver = try Self.link(server)
      let subscription = try receiver.subscribe("flood", messagesMax: 1_000, bytesMax: 1 << 20)
      let echo = Task.detached {
        _ = try? receiver.request("flood", [2], milliseconds: 1_000)
      }
      for _ in 0..<200 { try sender.publish([1], to: "flood") }
      #expect(try subscription.next(milliseconds: 5_000) != nil)
      receiver.close()
      await echo.value
    }
  }
}
