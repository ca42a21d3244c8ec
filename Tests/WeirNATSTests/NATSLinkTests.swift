import Foundation
import Synchronization
import Testing

@testable import WeirNATS

@Suite(.serialized) struct NATSLinkTests {
  private static func link(_ server: NATSServerProcess) throws -> NATSLink {
    try NATSLink.open()
    return try NATSLink(.init(url: server.url, clientName: "test"))
  }

  @Test func `subscriptions end while messages arrive for them`() throws {
    let server = try NATSServerProcess()
    let (flood, receiver) = (try Flood(Self.link(server)), try Self.link(server))
    let end = ContinuousClock.now + .seconds(60)
    var (steps, arrived) = (0, 0)
    while arrived < 3_000, ContinuousClock.now < end {
      steps += 1
      let subscription = try receiver.subscribe("flood", messagesMax: 100, bytesMax: 1 << 20)
      do throws(NATSFault) {
        if try subscription.next(milliseconds: 100) != nil { arrived += 1 }
      } catch {
        try #require(error == .dropped)
        arrived += 1
      }
      if steps % 2 == 0 { subscription.end() }
      // The answer of the server frees those before it.
      if steps % 20 == 0 {
        #expect(throws: NATSFault.nobody) {
          _ = try receiver.request("none", [], milliseconds: 60_000)
        }
      }
    }
    #expect(arrived == 3_000)
    flood.stop()
  }

  @Test func `a connection is freed while messages arrive, by this side or by the server`() throws {
    for round in 0..<30 {
      let server = try NATSServerProcess()
      let flood = Flood(try Self.link(server))
      defer { flood.stop() }
      let receiver = try Self.link(server)
      for _ in 0..<4 {
        let subscription = try receiver.subscribe("flood", messagesMax: 10_000, bytesMax: 1 << 24)
        #expect(try subscription.next(milliseconds: 60_000) != nil)
      }
      if round % 2 == 0 { receiver.close() } else { server.end() }
    }
  }

  @Test func `messages that wait in a subscription are freed when it ends`() throws {
    let server = try NATSServerProcess()
    let (sender, receiver) = (try Self.link(server), try Self.link(server))
    let before = try Self.residentBytes()
    var kept: [NATSSubscription] = []
    for number in 0..<20 {
      let subscription = try receiver.subscribe("m\(number)", messagesMax: 100, bytesMax: 64 << 20)
      try receiver.flush(milliseconds: 60_000)
      for _ in 0..<8 { try sender.publish(Array(repeating: 1, count: 1 << 20), to: "m\(number)") }
      try sender.flush(milliseconds: 60_000)
      #expect(try subscription.next(milliseconds: 60_000)?.payload.count == 1 << 20)
      try receiver.flush(milliseconds: 60_000)
      subscription.end()
      kept.append(subscription)
    }
    // 140 MiB came in.
    #expect(try Self.residentBytes() - before < 70 << 20)
    withExtendedLifetime(kept) {}
  }

  private static func residentBytes() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
      separator: " ")
    return try #require(Int(pages[1])) * 4_096
  }
}

/// A thread that sends small messages to one subject, as fast as it can.
private final class Flood: Sendable {
  private let isOver = Atomic(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  init(_ link: NATSLink) {
    Thread.detachNewThread { [self] in
      // It may lose its server.
      while !isOver.load(ordering: .relaxed), (try? link.publish([1], to: "flood")) != nil {}
      hasEnded.signal()
    }
  }

  func stop() {
    isOver.store(true, ordering: .relaxed)
    hasEnded.wait()
  }
}
