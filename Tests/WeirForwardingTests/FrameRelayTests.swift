import Testing
import WeirForwarding

@Suite("Frames that are passed on")
struct FrameRelayTests {
  private typealias Relay = FrameRelay<Int>

  private static func name(_ sequence: UInt64) -> FrameBatch.Name {
    FrameBatch.Name(instance: 7, sequence: sequence)
  }

  @Test("A frame is passed on once, and whoever sends it again waits for the same answer")
  func passesOnce() {
    var relay = Relay()
    let name = Self.name(1)
    #expect(relay.take(name, frame: [1, 2], answer: [9], reply: 10, at: 0) == .pass)
    #expect(relay.take(name, frame: [1, 2], answer: [9], reply: 11, at: 10) == .wait)
    #expect(relay.confirm(name, answer: [8]) == [], "an answer that is not the expected one")
    #expect(relay.confirm(name, answer: [9]) == [10, 11])
    #expect(relay.confirm(name, answer: [9]) == [], "the second answer")
    #expect(relay.take(name, frame: [1, 2], answer: [9], reply: 12, at: 20) == .answered)
    #expect(
      relay.totals == RelayTotals(passed: 1, resent: 0, confirmed: 1, dropped: 0, waiting: 0))
  }

  @Test("A frame that is not answered is sent again after 0.3, 1 and 3 s, and dropped after 6 s")
  func repeats() {
    var relay = Relay()
    _ = relay.take(Self.name(1), frame: [5], answer: [], reply: nil, at: 1_000)
    let sentAt = stride(from: UInt64(1_000), through: 8_000, by: 100).filter {
      !relay.due(at: $0).isEmpty
    }
    #expect(sentAt == [1_300, 2_000, 4_000])
    #expect(
      relay.totals == RelayTotals(passed: 1, resent: 3, confirmed: 0, dropped: 1, waiting: 0))
    #expect(relay.take(Self.name(1), frame: [5], answer: [], reply: nil, at: 9_000) == .pass)
  }

  @Test("What does not fit is passed on and not kept")
  func isBounded() {
    var limits = RelayLimits()
    limits.framesMax = 3
    limits.bytesMax = 10
    var relay = Relay(limits)
    #expect(relay.take(Self.name(1), frame: [1, 2, 3, 4], answer: [], reply: 1, at: 0) == .pass)
    #expect(
      relay.take(
        Self.name(2), frame: [UInt8](repeating: 0, count: 7), answer: [], reply: 1, at: 0)
        == .passOnly)
    #expect(relay.take(Self.name(3), frame: [1], answer: [], reply: 1, at: 0) == .pass)
    #expect(relay.take(Self.name(4), frame: [1], answer: [], reply: 1, at: 0) == .pass)
    #expect(relay.take(Self.name(5), frame: [1], answer: [], reply: 1, at: 0) == .passOnly)
    #expect(relay.totals.waiting == 3)
    _ = relay.due(at: 6_000)
    #expect(relay.totals.waiting == 0)
    #expect(relay.take(Self.name(6), frame: [1], answer: [], reply: 1, at: 6_000) == .pass)
  }

  @Test("Thousands of frames leave no place behind")
  func forgets() {
    var relay = Relay()
    for number in 1...20_000 as ClosedRange<UInt64> {
      #expect(
        relay.take(Self.name(number), frame: [1], answer: [2], reply: 1, at: number) == .pass)
      if number % 3 != 0 { #expect(relay.confirm(Self.name(number), answer: nil) == [1]) }
      if number % 100 == 0 { _ = relay.due(at: number) }
    }
    _ = relay.due(at: 100_000)
    #expect(relay.totals.waiting == 0)
    #expect(relay.totals.confirmed == 13_334)
    #expect(relay.totals.dropped == 6_666)
    #expect(relay.take(Self.name(20_000), frame: [1], answer: [2], reply: 1, at: 0) == .pass)
  }
}
