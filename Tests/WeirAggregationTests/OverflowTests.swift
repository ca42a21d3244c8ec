import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("An overflow series")
struct OverflowTests {
  private func limits(_ change: (inout SeriesLimits) -> Void = { _ in }) -> SeriesLimits {
    var limits = SeriesLimits()
    limits.overflow = .series
    change(&limits)
    return limits
  }

  @Test("and the others add up to what was accepted, whatever the limits", arguments: 1...12)
  func totals(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let limits = limits {
      $0.seriesMax = generator.pick([20, 60, 1_000])
      $0.seriesPerNameMax = generator.pick([1, 2, 8, 1_000])
      $0.exposedBytesMax = generator.pick([1_000, 20_000, 1 << 30])
      $0.setsMax = generator.pick([2, 10, 1_000])
    }
    let aggregator = Aggregator(limits: limits)
    var taken: [String: Double] = [:]
    var samples = 0
    var first = Ingest(aggregator, memoEntries: 30)
    var second = Ingest(aggregator)
    for _ in 0..<3_000 {
      let kind = generator.pick(["c", "h", "s"])
      let name = "\(kind)\(Int.random(in: 0..<3, using: &generator))"
      let value = Int.random(in: 1...100, using: &generator)
      let key = Int.random(in: 0..<40, using: &generator)
      let line = "\(name):\(value)|\(kind)|#k:\(key)"
      if generator.oneIn(2) { first.apply(line) } else { second.apply(line) }
      let applied = (first.totals.applied + second.totals.applied).reduce(0, +)
      if applied > samples, kind != "s" { taken[name, default: 0] += Double(value) }
      samples = applied
    }
    let contents = Contents(aggregator)
    var shown: [String: Double] = [:]
    for (series, value) in contents.values[.counter] ?? [:] {
      shown[String(series.prefix(2)), default: 0] += value
    }
    for (series, histogram) in contents.histograms {
      shown[String(series.prefix(2)), default: 0] += histogram.sum
    }
    #expect(shown == taken)
    let refused = (Array(first.totals.refused.values) + second.totals.refused.values).reduce(0, +)
    #expect(samples + refused == 3_000)
    #expect(refused == LimitName.allCases.reduce(0) { $0 + refusalCount(aggregator, $1) })
    for (limit, used) in aggregator.limitReading().used { #expect(used <= limits[limit]) }
    let series = MetricKind.allCases.reduce(0) { $0 + aggregator.counts().series($1) }
    #expect(series <= limits.seriesMax)
  }

  @Test("of a set counts the members of all together, each once")
  func sets() {
    let aggregator = Aggregator(limits: limits { $0.setsMax = 2 })
    var ingest = Ingest(aggregator)
    ingest.apply("s:a|s|#k:1")
    for key in 2..<20 { ingest.apply("s:a|s|#k:\(key)", "s:m\(key % 5)|s|#k:\(key)") }
    #expect(
      Contents(aggregator).values[.set] == [#"s{k="1"}"#: 1, #"s{weir_overflow="true"}"#: 6])
  }

  @Test("accepts rates, packed values and dropped tags like any series")
  func samples() {
    let aggregator = Aggregator(limits: limits { $0.seriesPerNameMax = 2 })
    var ingest = Ingest(aggregator)
    ingest.apply("c:1|c", "h:1|h")
    ingest.apply("c:1:2|c|@0.5|#k:v,none", "h:1:2:3|h|@0.25|#k:v")
    let contents = Contents(aggregator)
    #expect(contents.values[.counter]?[#"c{weir_overflow="true"}"#] == 6)
    #expect(contents.histograms[#"h{weir_overflow="true"}"#]?.sum == 24)
    #expect(ingest.totals.tagsDropped == 1)
    #expect(ingest.totals.applied == [3, 0, 4, 0])
    #expect(ingest.totals.refused == [:])
    #expect(overflowCount(aggregator, .seriesPerName) == 2)
  }

  @Test("can't be spelled by a sender")
  func spelling() {
    let aggregator = Aggregator(limits: limits { $0.seriesPerNameMax = 3 })
    var ingest = Ingest(aggregator)
    ingest.apply("c:1|c|#weir_overflow:true", "c:2|c|#weir.overflow:true", "c:4|c")
    ingest.apply("c:8|c|#a:b")
    #expect(
      Contents(aggregator).values[.counter] == [
        #"c{exported_weir_overflow="true"}"#: 3, "c": 4, #"c{weir_overflow="true"}"#: 8,
      ])
  }

  @Test("is the only series of a name if there is no place for two")
  func alone() {
    let aggregator = Aggregator(limits: limits { $0.seriesMax = 3 })
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c|#k:v", "b:1|c|#k:v", "b:1|h", "b:2|c", "g:1|g", "d:1|c", "a:1|c")
    #expect(
      Contents(aggregator).values == [
        .counter: [
          #"a{k="v"}"#: 1, #"a{weir_overflow="true"}"#: 1, #"b{weir_overflow="true"}"#: 3,
        ]
      ])
    #expect(ingest.totals.refused == [.typeClash: 1, .tooManySeries: 2])
    #expect(aggregator.limitReading().used.map(\.count) == [3, 2, 2, 0, 8 + 23 + 23])
  }

  @Test("is not made for a name that is too long for it")
  func longName() {
    let aggregator = Aggregator(
      limits: limits {
        $0.seriesPerNameMax = 1
        $0.seriesBytesMax = 22 + 3
      })
    var ingest = Ingest(aggregator)
    ingest.apply("abcd:1|c", "abcd:1|c|#k:v", "abc:1|c", "abc:1|c|#k:v")
    #expect(
      Contents(aggregator).values[.counter] == ["abcd": 1, #"abc{weir_overflow="true"}"#: 2])
    #expect(ingest.totals.refused == [.tooManySeriesOfName: 1])
  }

  @Test("can exist beside a series of Weir's own")
  func own() {
    let aggregator = Aggregator(limits: limits { $0.seriesPerNameMax = 2 })
    aggregator.reserve("process_cpu_seconds_total", kind: .counter)
    aggregator.reserve("process_open_fds", kind: .gauge)
    var ingest = Ingest(aggregator)
    for instance in 0..<3 {
      ingest.apply(
        "process_cpu_seconds_total:1|c|#instance:\(instance)",
        "process_open_fds:1|g|#instance:\(instance)")
    }
    ingest.apply("process_cpu_seconds_total:1|c")
    #expect(ingest.totals.refused == [.tooManySeriesOfName: 1, .reservedName: 1])
    #expect(
      Contents(aggregator).values[.counter] == [
        #"process_cpu_seconds_total{instance="0"}"#: 1,
        #"process_cpu_seconds_total{weir_overflow="true"}"#: 2,
      ])
  }

  @Test("takes its name's type, and the other names of a histogram")
  func types() {
    let aggregator = Aggregator(limits: limits { $0.seriesPerNameMax = 1 })
    var ingest = Ingest(aggregator)
    ingest.apply("h:1|h|#k:v", "h_sum:1|c|#k:v", "h:1|c|#k:v", "x_count:1|c|#k:v", "x:1|h|#k:v")
    #expect(ingest.totals.refused == [.typeClash: 3])
    #expect(Contents(aggregator).histograms.keys.sorted() == [#"h{weir_overflow="true"}"#])
    #expect(overflowCount(aggregator, .seriesPerName) == 2)
  }
}
