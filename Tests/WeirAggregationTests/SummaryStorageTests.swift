import Synchronization
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Summaries of series")
struct SummaryStorageTests {
  private func aggregator(
    _ options: SummaryOptions = SummaryOptions(), lifetime: UInt32? = nil, shards: Int = 4
  ) -> Aggregator {
    var lifetimes = SeriesLifetimes()
    lifetimes[.histogram] = lifetime
    return Aggregator(
      rules: .all(observer: .summary(options), lifetimes: lifetimes), shards: shards)
  }

  /// The window of a series as it is now by the aggregator's clock.
  private func window(_ series: String, _ aggregator: Aggregator) -> NativeHistogram? {
    let tick = aggregator.clock.load(ordering: .relaxed)
    return aggregator.readHistogram(series) { table, row in
      table.observations.summary(row, second: tick)?.observations
    }
  }

  @Test("have a window, and a count and a sum since the start, which never fall")
  func values() {
    let aggregator = aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("a:1:2:3|h", "a:10|h|@0.25")
    #expect(window("a", aggregator)?.count == 7)
    #expect(Contents(aggregator).histograms == ["a": .init(sum: 46, buckets: [7])])
    for second in 1...600 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(window("a", aggregator)?.isEmpty == true)
    #expect(window("a", aggregator)?.quantile(0.5).isNaN == true)
    #expect(Contents(aggregator).histograms == ["a": .init(sum: 46, buckets: [7])])
    ingest.apply("a:4|h")
    #expect(window("a", aggregator)?.count == 1)
    #expect(Contents(aggregator).histograms == ["a": .init(sum: 50, buckets: [8])])
    #expect(aggregator.native("a") == nil)
  }

  @Test("advance their windows by the aggregator's clock, when updated and when read")
  func clock() {
    let updated = aggregator(SummaryOptions(maxAgeSeconds: 10, ageBuckets: 2))
    let read = aggregator(SummaryOptions(maxAgeSeconds: 10, ageBuckets: 2))
    var first = Ingest(updated)
    var second = Ingest(read)
    first.apply("a:1|h")
    second.apply("a:1|h")
    for tick in 1...9 as ClosedRange<UInt32> {
      updated.expire(atSecond: tick)
      read.expire(atSecond: tick)
      first.apply("a:1|h")
    }
    #expect(window("a", updated)?.count == 10 && window("a", read)?.count == 1)
    updated.expire(atSecond: 10)
    read.expire(atSecond: 10)
    // Seconds 5 to 9 are left.
    first.apply("a:1|h")
    #expect(window("a", updated)?.count == 6 && window("a", read)?.isEmpty == true)
  }

  @Test("are removed with their series, and a new series in the row starts empty")
  func expiry() {
    let aggregator = aggregator(lifetime: 10, shards: 1)
    var ingest = Ingest(aggregator)
    ingest.apply((0..<600).map { "old\($0):\($0):7|h" })
    let row = aggregator.readHistogram("old5") { _, row in row }
    for second in 1...5 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    ingest.apply("kept:3|h")
    for second in 6...15 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    for series in ["old0", "old599"] { #expect(window(series, aggregator) == nil) }
    let freed = aggregator.readHistogramTable(shard: 0) { table in
      row.flatMap { table.observations.summary($0, second: 15)?.observations }
    }
    #expect(freed?.isEmpty == true && window("kept", aggregator)?.count == 1)
    ingest.apply((0..<600).map { "new\($0):1|h" })
    for name in 0..<600 { #expect(window("new\(name)", aggregator)?.count == 1) }
  }

  @Test("count a line for each quantile, and two more, in the bytes of a scrape")
  func exposedBytes() {
    let aggregator = aggregator(SummaryOptions(quantiles: [0.5, 0.75, 0.9, 0.99]))
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|h")
    #expect(aggregator.limitReading().used.contains { $0 == (.exposedBytes, 6) })
  }

  @Test("do not let senders use their quantile label")
  func label() {
    let aggregator = aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|h|#quantile:0.5,le:1", "c:1|c|#quantile:0.5")
    #expect(window(#"a{exported_quantile="0.5",le="1"}"#, aggregator)?.count == 1)
    #expect(Contents(aggregator).values == [.counter: [#"c{quantile="0.5"}"#: 1]])
  }

  @Test("can be read while they are written, each in a consistent state")
  func concurrency() {
    let aggregator = aggregator(SummaryOptions(maxAgeSeconds: 10, ageBuckets: 5), shards: 2)
    let running = Running()
    for _ in 0..<2 {
      running.start {
        var ingest = Ingest(aggregator)
        for value in 1...2_000 { ingest.apply("a:\(value):\(value):1|h") }
        return [ingest.totals]
      }
    }
    var tick: UInt32 = 0
    while !running.isDone {
      tick += 1
      aggregator.expire(atSecond: tick)
      guard let all = window("a", aggregator) else { continue }
      if all.count.truncatingRemainder(dividingBy: 3) != 0 {
        Issue.record("\(all.count)")
      }
    }
    for totals in running.wait() { #expect(totals.refused.isEmpty) }
    #expect(Contents(aggregator).histograms["a"]?.buckets == [12_000])
  }
}
