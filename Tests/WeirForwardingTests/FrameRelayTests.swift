import Testing

@testable import WeirForwarding

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
    // One that has waited since, while older ones were cut off.
    #expect(relay.confirm(Self.name(15_000), answer: nil) == [1])
    _ = relay.due(at: 100_000)
    #expect(relay.totals.waiting == 0)
    #expect(relay.totals.confirmed == 13_335)
    #expect(relay.totals.dropped == 6_665)
    #expect(relay.places == (0, 0))
    #expect(relay.take(Self.name(20_000), frame: [1], answer: [2], reply: 1, at: 0) == .pass)
  }

  private static func relay(
    frames: Int = 9, names: Int = 9, bytes: Int = 99, replies: Int = 4
  ) -> Relay {
    var limits = RelayLimits()
    (limits.framesMax, limits.namesMax) = (frames, names)
    (limits.bytesMax, limits.repliesMax) = (bytes, replies)
    return Relay(limits)
  }

  private enum Once { case passes, stays }

  private static func once(
    _ relay: inout Relay, _ number: UInt64, at milliseconds: UInt64
  ) -> Once {
    relay.passOnce(name(number), at: milliseconds) ? .passes : .stays
  }

  @Test("What was passed on without being kept is not sent again for a while, nor answered")
  func seen() {
    var relay = Self.relay(frames: 0)
    let name = Self.name(1)
    func take(at milliseconds: UInt64) -> Relay.Verdict {
      relay.take(name, frame: [1, 2], answer: [9], reply: 10, at: milliseconds)
    }
    #expect(take(at: 0) == .passOnly)
    #expect(take(at: 1) == .seen)
    // It would be answered to nobody.
    #expect(relay.confirm(name, answer: [9]) == [])
    #expect(take(at: 2) == .seen)
    #expect(Self.once(&relay, 1, at: 3) == .stays)
    #expect(relay.due(at: 5_999).isEmpty)
    #expect(take(at: 5_999) == .seen)
    #expect(relay.due(at: 6_000).isEmpty)
    #expect(take(at: 6_000) == .passOnly)
    #expect(relay.totals == RelayTotals(passed: 2, dropped: 2))
  }

  @Test("What asks for no answer is passed on once")
  func once() {
    var relay = Self.relay(frames: 1)
    #expect(Self.once(&relay, 1, at: 0) == .passes)
    #expect(Self.once(&relay, 1, at: 1) == .stays)
    #expect(relay.take(Self.name(1), frame: [1], answer: [], reply: 1, at: 2) == .seen)
    // Its name takes no place of one that waits.
    #expect(relay.take(Self.name(2), frame: [1], answer: [], reply: 1, at: 3) == .pass)
    #expect(Self.once(&relay, 2, at: 4) == .stays)
    #expect(relay.due(at: 400).names == [Self.name(2)])
    #expect(relay.totals == RelayTotals(passed: 2, resent: 1, waiting: 1))
  }

  @Test("What there is not even room for a name of is dropped, until there is")
  func names() {
    var relay = Self.relay(frames: 0, names: 2)
    #expect(Self.once(&relay, 1, at: 0) == .passes)
    #expect(relay.take(Self.name(2), frame: [1], answer: [], reply: 1, at: 0) == .passOnly)
    #expect(relay.take(Self.name(3), frame: [1], answer: [], reply: 1, at: 0) == .drop)
    #expect(Self.once(&relay, 4, at: 0) == .stays)
    #expect(relay.totals == RelayTotals(passed: 2, dropped: 3))
    #expect(relay.places.names == 2)
    _ = relay.due(at: 6_000)
    #expect(Self.once(&relay, 4, at: 6_000) == .passes)
    #expect(relay.take(Self.name(3), frame: [1], answer: [], reply: 1, at: 6_000) == .passOnly)
    #expect(Self.once(&relay, 5, at: 6_000) == .stays)
  }

  @Test("Room for bytes comes back with an answer, and with the end")
  func room() {
    var relay = Self.relay(bytes: 4)
    func take(_ number: UInt64, at milliseconds: UInt64) -> Relay.Verdict {
      relay.take(Self.name(number), frame: [1, 2, 3], answer: [9], reply: nil, at: milliseconds)
    }
    #expect(take(1, at: 0) == .pass)
    #expect(take(2, at: 0) == .passOnly)
    #expect(relay.confirm(Self.name(1), answer: [9]) == [])
    #expect(take(3, at: 0) == .pass)
    #expect(take(4, at: 0) == .passOnly)
    #expect(relay.due(at: 6_000).isEmpty)
    #expect(take(5, at: 6_000) == .pass)
    #expect(relay.totals == RelayTotals(passed: 5, confirmed: 1, dropped: 3, waiting: 1))
  }

  @Test(
    "The number of clients that wait for one frame is limited, and a confirmed frame is not sent again"
  )
  func replies() {
    var relay = Self.relay(replies: 2)
    for reply in 1...3 {
      let verdict = relay.take(Self.name(1), frame: [5], answer: [9], reply: reply, at: 0)
      #expect(verdict == (reply == 1 ? .pass : .wait))
    }
    #expect(relay.confirm(Self.name(1), answer: [9]) == [1, 2])
    #expect(relay.due(at: 400).isEmpty)
    #expect(relay.totals == RelayTotals(passed: 1, confirmed: 1))
  }
}
