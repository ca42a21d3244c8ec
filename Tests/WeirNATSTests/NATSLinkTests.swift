import Foundation
import Synchronization
import Testing

@testable import WeirNATS

@Suite(.serialized) struct NATSLinkTests {
  private static func link(_ server: NATSServerProcess) throws -> NATSLink {
    try NATSLink.open()
    // So that no server counts as lost on a busy machine.
    return try NATSLink(
      .init(
        url: server.url, clientName: "test", connectMilliseconds: 60_000,
        writeMilliseconds: 60_000, pingMilliseconds: 60_000))
  }

  @Test func `subscriptions end while messages arrive for them`() async throws {
    let arrived = try await onThread {
      let server = try NATSServerProcess()
      let (flood, receiver) = (try Flood(Self.link(server)), try Self.link(server))
      defer { flood.stop() }
      // On a busy machine fewer do, too.
      let end = ContinuousClock.now + .seconds(30)
      var (steps, arrived) = (0, 0)
      while arrived < 2_000, ContinuousClock.now < end {
        steps += 1
        let subscription = try receiver.subscribe("flood", messagesMax: 100, bytesMax: 1 << 20)
        do throws(NATSFault) {
          if try subscription.next(milliseconds: 100) != nil { arrived += 1 }
        } catch .dropped {
          arrived += 1
        }
        if steps % 2 == 0 { subscription.end() }
        // The answer of the server frees those before it.
        if steps % 20 == 0 {
          do throws(NATSFault) {
            _ = try receiver.request("none", [], milliseconds: 60_000)
          } catch .nobody {}
        }
      }
      return arrived
    }
    #expect(arrived > 100)
  }

  @Test func `a connection is freed while messages arrive, by this side or by the server`()
    async throws
  {
    let received = try await onThread {
      var received = 0
      for round in 0..<10 {
        let server = try NATSServerProcess()
        let flood = Flood(try Self.link(server))
        defer { flood.stop() }
        let receiver = try Self.link(server)
        for _ in 0..<4 {
          let subscription = try receiver.subscribe("flood", messagesMax: 10_000, bytesMax: 1 << 24)
          if try subscription.next(milliseconds: 60_000) != nil { received += 1 }
        }
        if round % 2 == 0 { receiver.close() } else { server.end() }
      }
      return received
    }
    #expect(received == 40)
  }

  /// What blocks has a thread of its own, because other tests need those of Swift's pool.
  private func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}

/// A thread that sends small messages to one subject, with pauses that leave other tests their time.
private final class Flood: Sendable {
  private let isOver = Atomic(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  init(_ link: NATSLink) {
    Thread.detachNewThread { [self] in
      // It may lose its server.
      while !isOver.load(ordering: .relaxed), (try? Self.burst(link)) != nil {
        Thread.sleep(forTimeInterval: 0.001)
      }
      hasEnded.signal()
    }
  }

  private static func burst(_ link: NATSLink) throws {
    for _ in 0..<50 { try link.publish([1], to: "flood") }
  }

  func stop() {
    isOver.store(true, ordering: .relaxed)
    hasEnded.wait()
  }
}
