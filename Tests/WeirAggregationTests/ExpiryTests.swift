import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("A series without updates")
struct ExpiryTests {
  private static let all = ["c:1|c", "g:1|g", "h:1|h", "s:m|s"]

  private func aggregator(
    _ lifetimes: [MetricKind: UInt32], limits: SeriesLimits = SeriesLimits(), shards: Int = 4
  ) -> Aggregator {
    var all = SeriesLifetimes()
    for (kind, seconds) in lifetimes { all[kind] = seconds }
    return Aggregator(rules: .all(lifetimes: all), limits: limits, shards: shards)
  }

  private func everyKind(_ seconds: UInt32) -> [MetricKind: UInt32] {
    Dictionary(uniqueKeysWithValues: MetricKind.allCases.map { ($0, seconds) })
  }

  /// Advances the time, one second per step.
  private func pass(_ seconds: ClosedRange<UInt32>, _ aggregator: Aggregator) {
    for second in seconds { aggregator.expire(atSecond: second) }
  }

  private func counts(_ aggregator: Aggregator) -> [Int] {
    MetricKind.allCases.map(aggregator.counts().series)
  }

  private func expired(_ aggregator: Aggregator) -> [Int] {
    MetricKind.allCases.map(aggregator.counts().expired)
  }

  @Test("is kept for its kind's lifetime, and is removed within a round of the sweep")
  func kinds() {
    let aggregator = aggregator([.gauge: 20, .histogram: 40, .set: 100])
    var ingest = Ingest(aggregator)
    ingest.apply(ExpiryTests.all)
    pass(1...20, aggregator)
    #expect(counts(aggregator) == [1, 1, 1, 1])
    pass(21...25, aggregator)
    #expect(counts(aggregator) == [1, 0, 1, 1])
    pass(26...40, aggregator)
    #expect(counts(aggregator) == [1, 0, 1, 1])
    pass(41...46, aggregator)
    #expect(counts(aggregator) == [1, 0, 0, 1])
    pass(47...100, aggregator)
    #expect(counts(aggregator) == [1, 0, 0, 1])
    pass(101...114, aggregator)
    #expect(counts(aggregator) == [1, 0, 0, 0])
    #expect(expired(aggregator) == [0, 1, 1, 1])
    aggregator.expire(atSecond: .max)
    #expect(Contents(aggregator).values == [.counter: ["c": 1]])
  }

  @Test("is kept if its kind has no lifetime, or if time does not advance")
  func never() {
    let lasting = aggregator([:])
    let standing = aggregator(everyKind(5))
    for aggregator in [lasting, standing] {
      var ingest = Ingest(aggregator)
      ingest.apply(ExpiryTests.all)
    }
    lasting.expire(atSecond: 1 << 30)
    standing.expire(atSecond: 5)
    for second in [0, 3, 5] as [UInt32] { standing.expire(atSecond: second) }
    #expect(counts(lasting) == [1, 1, 1, 1])
    #expect(counts(standing) == [1, 1, 1, 1])
  }

  @Test("is one that is not sent: any update counts, even one that changes nothing")
  func refresh() {
    let aggregator = aggregator(everyKind(10))
    var first = Ingest(aggregator)
    var second = Ingest(aggregator)
    let idle = ["c:0|c", "g:+0|g", "h:0|h", "s:m|s"]
    first.apply(ExpiryTests.all)
    first.apply(ExpiryTests.all.map { "not." + $0 })
    for round in 1...12 as ClosedRange<UInt32> {
      if round.isMultiple(of: 2) { first.apply(idle) } else { second.apply(idle) }
      pass(round * 9 - 8...round * 9, aggregator)
    }
    #expect(counts(aggregator) == [1, 1, 1, 1])
    #expect(Contents(aggregator).values == [.counter: ["c": 1], .gauge: ["g": 1], .set: ["s": 1]])
    #expect(expired(aggregator) == [1, 1, 1, 1])
    pass(109...150, aggregator)
    #expect(counts(aggregator) == [0, 0, 0, 0])
  }

  @Test("starts at zero, and an old lease never reaches another series in its row")
  func reuse() {
    let aggregator = aggregator(everyKind(10), shards: 1)
    var stale = Ingest(aggregator)
    var other = Ingest(aggregator)
    stale.apply("c:5|c", "g:5|g", "h:5|h", "s:a|s", "s:b|s")
    pass(1...30, aggregator)
    #expect(counts(aggregator) == [0, 0, 0, 0])
    // Other series get the same rows.
    other.apply("c2:7|c", "g2:7|g", "h2:7|h", "s2:a|s")
    let rows = MetricKind.allCases.map { kind in aggregator.sum(kind) { $0.series.rows.count } }
    #expect(rows == [1, 1, 1, 1])
    stale.apply("c:1|c", "g:+1|g", "h:1|h", "s:c|s", "c:1|c", "g:+1|g", "h:1|h", "s:d|s")
    let contents = Contents(aggregator)
    #expect(
      contents.values
        == [.counter: ["c": 2, "c2": 7], .gauge: ["g": 2, "g2": 7], .set: ["s": 2, "s2": 1]])
    #expect(contents.histograms.mapValues(\.sum) == ["h": 2, "h2": 7])
    #expect(stale.totals.applied == [3, 3, 3, 4])
    #expect(stale.totals.refused.isEmpty)
  }

  @Test("comes back in order, so that the last of a gauge's values stays the last")
  func order() {
    let aggregator = aggregator([.gauge: 10])
    var ingest = Ingest(aggregator)
    // Two spellings of one series: one lease will be void, the other not.
    ingest.apply("g:0|g|#a:1,b:2")
    pass(1...30, aggregator)
    #expect(counts(aggregator) == [0, 0, 0, 0])
    ingest.apply("g:1|g|#b:2,a:1")
    ingest.apply(
      "g:2|g|#a:1,b:2", "g:3|g|#b:2,a:1", "other:1|g", "g:4|g|#a:1,b:2", "g:+5|g|#b:2,a:1")
    #expect(
      Contents(aggregator).values[.gauge] == [#"g{a="1",b="2"}"#: 9, "other": 1])
    #expect(ingest.totals.applied == [0, 7, 0, 0])
  }

  @Test("releases its name, with its type and the other names of a histogram")
  func typeFreed() {
    let aggregator = aggregator([.gauge: 10, .histogram: 10])
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|g", "a:1|g|#k:v", "h:1|h", "a:1|c", "h_sum:1|c", "h:1|c")
    #expect(ingest.totals.refused == [.typeClash: 3])
    pass(1...8, aggregator)
    ingest.apply("a:1|g|#k:v")
    pass(9...17, aggregator)
    // One series of the name is left. The refusal is remembered, and is still valid.
    #expect(counts(aggregator) == [0, 1, 0, 0])
    ingest.apply("a:1|c", "h_sum:1|c", "a:1|c")
    #expect(ingest.totals.refused == [.typeClash: 5])
    pass(18...40, aggregator)
    ingest.apply("a:1|c", "h:1|c", "a:1|g", "h:1|h")
    #expect(ingest.totals.refused == [.typeClash: 7])
    let contents = Contents(aggregator)
    #expect(contents.values == [.counter: ["a": 1, "h_sum": 1, "h": 1]])
    #expect(contents.histograms.isEmpty)
  }

  @Test("makes room within every limit")
  func limits() {
    var limits = SeriesLimits()
    limits.seriesMax = 3
    limits.namesMax = 2
    limits.setsMax = 1
    let aggregator = aggregator(everyKind(10), limits: limits)
    var ingest = Ingest(aggregator)
    for round in 0..<5 as Range<UInt32> {
      ingest.apply("a\(round):1|c", "b\(round):m|s", "b\(round):m|s|#k:v", "c\(round):1|c")
      #expect(counts(aggregator) == [1, 0, 0, 1])
      pass(round * 20 + 1...round * 20 + 20, aggregator)
      #expect(counts(aggregator) == [0, 0, 0, 0])
      #expect(aggregator.limitReading().used.allSatisfy { $0.count == 0 })
    }
    #expect(ingest.totals.refused == [.tooManyNames: 5, .tooManySets: 5])
    #expect(expired(aggregator) == [5, 0, 0, 5])
  }

  @Test("may be the overflow series of its name, and another takes its place")
  func overflow() {
    var limits = SeriesLimits()
    limits.seriesPerNameMax = 2
    limits.overflow = .series
    let aggregator = aggregator([.counter: 10], limits: limits)
    var ingest = Ingest(aggregator)
    for round in 0..<3 as Range<UInt32> {
      ingest.apply("a:1|c", "a:2|c|#k:v", "a:3|c|#k:w")
      let counters = Contents(aggregator).values[.counter] ?? [:]
      #expect(counters.count == 2 && counters[#"a{weir_overflow="true"}"#] != nil)
      #expect(counters.values.reduce(0, +) == 6)
      pass(round * 20 + 1...round * 20 + 20, aggregator)
      #expect(counts(aggregator) == [0, 0, 0, 0])
      #expect(aggregator.limitReading().used.allSatisfy { $0.count == 0 })
    }
    #expect(ingest.totals.refused.isEmpty)
  }

  @Test("is refused like any other if its name was taken meanwhile")
  func refusedAnew() {
    let aggregator = aggregator([.gauge: 10])
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|g|#k:v,none")
    pass(1...30, aggregator)
    var other = Ingest(aggregator)
    other.apply("a:1|c")
    ingest.apply("a:1|g|#k:v,none", "b:1|c", "a:1|g|#k:v,none")
    #expect(ingest.totals.refused == [.typeClash: 2])
    #expect(ingest.totals.tagsDropped == 1)
    #expect(ingest.totals.applied == [1, 1, 0, 0])
    #expect(Contents(aggregator).values == [.counter: ["a": 1, "b": 1]])
  }

  @Test("is removed in bounded steps")
  func steps() {
    var table = SeriesTable(values: 1)
    for number in 0..<10_000 {
      _ = table.insert(
        Array("g\(number)".utf8), hash: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, tick: 3,
        born: 1)
    }
    func hash(_ spelling: [UInt8]) -> UInt64 {
      UInt64(String(decoding: spelling.dropFirst(), as: UTF8.self))! &* 0x9E37_79B9_7F4A_7C15
    }
    let idle = table.sweep(rows: .max, before: 3) { _ in 0 }
    #expect(idle.rows == SweepStep.rowsMax && idle.expired.isEmpty)
    var steps = 0
    while table.count > 0 {
      let step = table.sweep(rows: 100_000, before: 4) { name in
        hash(name.indices.map { name[$0] })
      }
      #expect(step.expired.count <= SweepStep.expiredMax && step.rows <= SweepStep.rowsMax)
      steps += 1
    }
    #expect((20...24).contains(steps))
    #expect(table.names.blocksHeld == 0 && table.rows.chunksHeld == 0 && table.index.capacity == 16)
  }

  @Test(
    "is removed within an eighth of its lifetime after that has passed",
    arguments: [80, 400] as [UInt32])
  func round(lifetime: UInt32) {
    let aggregator = aggregator([.counter: lifetime], shards: 1)
    var ingest = Ingest(aggregator)
    ingest.apply((0..<100).map { "c\($0):1|c" })
    let eighth = lifetime / 8
    for second in 1...lifetime + eighth + 1 {
      aggregator.expire(atSecond: second)
      let left = aggregator.counts().series(.counter)
      if second <= lifetime { #expect(left == 100) }
      // An equal share of the rows in each second.
      if second == lifetime + eighth / 2 { #expect((20...80).contains(left), "\(left)") }
    }
    #expect(aggregator.counts().series(.counter) == 0)
  }
}
