import Testing
import WeirAggregation
import WeirForwarding
import WeirMetrics
import WeirPush

/// Sets, whose members travel by the steps of their window.
struct ForwardSetTests {
  /// A step takes ten seconds.
  private static let rules = SeriesRules.all(sets: SetOptions(windowSeconds: 50))
  private static let settings = ForwardFrames.Settings(
    instance: 5, startMilliseconds: Rounds.start)

  /// A set with a member of its own in each of the first steps.
  private func weir(steps: UInt32) -> Counted {
    var weir = Counted(rules: Self.rules, shards: 1)
    for step in 0..<steps {
      weir.aggregator.expire(atSecond: 10 * step + 1)
      weir.text("s:m\(step)|s")
    }
    return weir
  }

  @Test func `a new set is sent whole, a changed one with the step before, the share's whole`()
    throws
  {
    var weir = weir(steps: 4)
    var rounds = Rounds(weir.aggregator, Self.settings)
    var received = Receiving(rules: Self.rules)
    func take(_ frames: [[UInt8]]) throws {
      for frame in frames {
        let header = try received.take(frame)
        rounds.confirm(header.sequence)
      }
    }
    received.aggregator.expire(atSecond: 31)
    try take(rounds.round(second: 31))
    #expect(rounds.records == 4)
    #expect(shown(received.aggregator) == ["set s 4.0"])
    // The fourth step has changed since the last round, and the fifth begins.
    weir.aggregator.expire(atSecond: 39)
    weir.text("s:late|s")
    weir.aggregator.expire(atSecond: 41)
    received.aggregator.expire(atSecond: 41)
    weir.text("s:m4|s")
    try take(rounds.round(second: 41))
    #expect(rounds.records == 2)
    #expect(shown(received.aggregator) == ["set s 6.0"])
    weir.aggregator.expire(atSecond: 45)
    rounds.since = 45
    try take(rounds.round(second: 45))
    #expect(rounds.records == 0)
    // A receiver that was restarted without its state.
    var fresh = Receiving(rules: Self.rules)
    fresh.aggregator.expire(atSecond: 46)
    for frame in rounds.round(second: 46, share: 0) { _ = try fresh.take(frame) }
    #expect(rounds.records == 5)
    #expect(shown(fresh.aggregator) == ["set s 6.0"])
  }

  /// The receiver takes a step that has ended as seen at its end, which may be in its own next step.
  @Test func `a member leaves there at most a step later than here`() throws {
    let weir = weir(steps: 3)
    var rounds = Rounds(weir.aggregator, Self.settings)
    var received = Receiving(rules: Self.rules)
    received.aggregator.expire(atSecond: 21)
    for frame in rounds.round(second: 21) { _ = try received.take(frame) }
    var counts: [[String]] = []
    for second in 22...90 as ClosedRange<UInt32> {
      weir.aggregator.expire(atSecond: second)
      received.aggregator.expire(atSecond: second)
      counts.append(shown(weir.aggregator))
      let found = shown(received.aggregator)
      #expect(counts.suffix(11).contains(found), "\(second)")
    }
    #expect(Set(counts).count == 4)
    #expect(shown(received.aggregator) == ["set s 0.0"])
  }

  @Test func `steps that the window no longer covers are not sent`() {
    for (second, records) in [(45, 3), (50, 2), (69, 1), (70, 0), (500, 0)] as [(UInt32, Int)] {
      let weir = weir(steps: 3)
      weir.aggregator.expire(atSecond: second)
      var rounds = Rounds(weir.aggregator, Self.settings)
      _ = rounds.round(second: second)
      #expect(rounds.records == records, "\(second)")
    }
  }
}
