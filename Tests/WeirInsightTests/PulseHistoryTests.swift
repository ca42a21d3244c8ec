import Testing
import WeirInsight

@Suite("The history")
struct PulseHistoryTests {
  /// A pulse at a time, of a Weir that gets a number of lines each second.
  private func pulse(_ seconds: Double, lines: Double = 10) -> Pulse {
    var pulse = Pulse()
    pulse.uptimeSeconds = seconds
    pulse.counts.lines = seconds * lines
    pulse.counts.series = seconds
    return pulse
  }

  private func history(until last: Int, lines: Double = 10) -> PulseHistory {
    var history = PulseHistory()
    for second in 1...last { history.add(pulse(Double(second) + 0.25, lines: lines)) }
    return history
  }

  @Test("has the rate of each second, and values at its end")
  func seconds() {
    let (read, isFull) = history(until: 5).history(
      stepSeconds: 1, since: nil, startMilliseconds: 1_000_000)
    #expect(isFull)
    #expect(read.stepSeconds == 1 && read.endMilliseconds == 1_005_000)
    #expect(read.columns[.lines] == [10, 10, 10, 10, 10])
    #expect(read.columns[.series] == [1.25, 2.25, 3.25, 4.25, 5.25])
    #expect(read.columns[.scrapeSeconds] == [nil, nil, nil, nil, nil])
  }

  @Test("keeps five minutes of seconds and a day of minutes, and no more")
  func capacity() {
    let kept = history(until: 90_000)
    let seconds = kept.history(stepSeconds: 1, since: nil, startMilliseconds: 0).history
    #expect(seconds.columns[.lines]?.count == 300)
    #expect(seconds.columns[.series]?.last == 90_000.25)
    let minutes = kept.history(stepSeconds: 60, since: nil, startMilliseconds: 0).history
    #expect(minutes.columns[.lines]?.count == 1_440)
    #expect(minutes.endMilliseconds == 90_000_000)
    #expect(minutes.columns[.lines]?.allSatisfy { $0.map { abs($0 - 10) < 0.01 } ?? false } == true)
  }

  @Test("a late look gives the seconds in between the same rate")
  func late() {
    var history = PulseHistory()
    history.add(pulse(1))
    history.add(pulse(5))
    let read = history.history(stepSeconds: 1, since: nil, startMilliseconds: 0).history
    #expect(read.columns[.lines] == [10, 10, 10, 10, 10])
  }

  @Test("looks within a second change nothing")
  func early() {
    var history = PulseHistory()
    for hundredth in 100...500 { history.add(pulse(Double(hundredth) / 100)) }
    let read = history.history(stepSeconds: 1, since: nil, startMilliseconds: 0).history
    #expect(read.columns[.lines]?.count == 5)
    #expect(read.columns[.lines]?.allSatisfy { $0.map { abs($0 - 10) < 0.001 } ?? false } == true)
  }

  @Test("a step that is closed late, and the next one in time, have rates of no moment")
  func moment() {
    var history = PulseHistory()
    for (seconds, lines) in [(1.0, 10.0), (2, 20), (3.98, 39.8), (4.01, 1_039.8), (5, 1_050)] {
      history.add(pulse(seconds, lines: lines / seconds))
    }
    // 1,000 lines in 30 ms would be 33,000 a second.
    let lines =
      history.history(stepSeconds: 1, since: nil, startMilliseconds: 0).history
      .columns[.lines]?.compactMap(\.self) ?? []
    #expect(lines.count == 5)
    #expect((lines.max() ?? .infinity) < 1_100, "\(lines)")
    #expect((lines.min() ?? 0) > 0)
  }

  @Test("answers that follow each other have each second once", arguments: 0..<20 as Range<UInt64>)
  func since(seed: UInt64) {
    var random = Seeded(seed)
    var history = PulseHistory()
    var (time, collected, since, end) = (0.5, [Double?](), Int?.none, 0)
    for _ in 0..<200 {
      time += Double.random(in: 0.05...4, using: &random)
      history.add(pulse(time))
      let (read, isFull) = history.history(stepSeconds: 1, since: since, startMilliseconds: 0)
      #expect(isFull == (since == nil))
      collected += read.columns[.series] ?? []
      since = Int(time * 1_000)
      end = read.endMilliseconds
    }
    #expect(collected.count == end / 1_000)
  }

  @Test("a reader who comes back too late, or from another run, gets everything")
  func tooLate() {
    let kept = history(until: 1_000)
    for since in [1, 699_000, 1_000_251, 5_000_000] {
      let (read, isFull) = kept.history(stepSeconds: 1, since: since, startMilliseconds: 0)
      #expect(isFull && read.columns[.lines]?.count == 300, "\(since)")
    }
    let (read, isFull) = kept.history(stepSeconds: 1, since: 700_000, startMilliseconds: 0)
    #expect(!isFull && read.columns[.lines]?.count == 300)
  }

  @Test("the path is a mean of the last ten seconds, with shares of what there was")
  func path() {
    var history = PulseHistory()
    var pulse = Pulse()
    for second in 1...60 {
      pulse.uptimeSeconds = Double(second)
      // The last ten seconds are busier.
      let factor = second > 50 ? 10.0 : 1
      pulse.counts.datagrams += 90 * factor
      pulse.counts.dropped += 10 * factor
      pulse.counts.lines += 1_000 * factor
      pulse.counts.refused += 20 * factor
      pulse.counts.limited += 5 * factor
      pulse.counts.series = 7
      history.add(pulse)
    }
    let path = history.path
    #expect(path.datagrams == 900 && path.dropped == 100 && path.droppedShare == 0.1)
    #expect(path.lines == 10_000 && path.refusedShare == 0.02 && path.limitedShare == 0.005)
    #expect(path.series == 7)
  }

  @Test("without traffic no share is anything but 0")
  func noTraffic() {
    var history = PulseHistory()
    history.add(pulse(3, lines: 0))
    #expect(history.path.droppedShare == 0 && history.path.refusedShare == 0)
  }

  private func limits(
    _ history: inout PulseHistory, seconds: ClosedRange<Int>, used: (Int) -> Double
  ) {
    for second in seconds {
      var pulse = Pulse()
      pulse.uptimeSeconds = Double(second)
      pulse.limits = [
        Pulse.Limit(limit: "series", used: used(second), max: 100_000),
        Pulse.Limit(limit: "name_bytes", used: nil, max: 10),
      ]
      history.add(pulse)
    }
  }

  @Test("a limit is full when the pace of the last hour says so")
  func fullIn() throws {
    var history = PulseHistory()
    limits(&history, seconds: 1...4_000) { Double($0) * 10 }
    let seconds = try #require(history.fullIn(0))
    #expect(abs(seconds - 6_000) < 1)
    #expect(history.fullIn(1) == nil)
  }

  @Test("series that all are new after a start say nothing about the pace")
  func settling() {
    var history = PulseHistory()
    limits(&history, seconds: 1...1_000) { Double(min($0, 100)) * 500 }
    #expect(history.fullIn(0) == nil)
  }

  @Test("a limit that is full, falls or stands still does not fill")
  func notFilling() {
    let uses: [(Int) -> Double] = [
      { _ in 100_000 }, { 100 * Double($0) }, { 110 * Double($0) }, { 50_000 - Double($0) },
      { _ in 7 },
    ]
    for used in uses {
      var history = PulseHistory()
      limits(&history, seconds: 1...1_000, used: used)
      #expect(history.fullIn(0) == nil)
    }
  }

  @Test(
    "refusals of the last hour are all before the first hour is over, and those of an hour after")
  func refusedInHour() {
    var history = PulseHistory()
    for second in 1...7_200 {
      var pulse = Pulse()
      pulse.uptimeSeconds = Double(second)
      var refused = Pulse.Refused(reason: "bad_value", means: "", fix: "")
      refused.count = Double(second)
      pulse.refusals = [refused]
      history.add(pulse)
      if second == 1_800 { #expect(history.refusedInHour(0) == 1_800) }
    }
    #expect(abs(history.refusedInHour(0) - 3_600) <= 60)
  }

  @Test("the window of findings is about a minute")
  func window() {
    let window = history(until: 500).window
    let seconds = window.now.uptimeSeconds - window.before.uptimeSeconds
    #expect(seconds >= 60 && seconds < 75)
    // What comes before the first look is not lost.
    #expect(history(until: 5).window.before.counts.lines == 0)
  }
}

/// Numbers that a seed repeats.
private struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &+ 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
