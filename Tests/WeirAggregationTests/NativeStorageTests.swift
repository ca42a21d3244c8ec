import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Native histograms of series")
struct NativeStorageTests {
  private static let options = NativeOptions()

  private func aggregator(
    keepsClassic: Bool = true, options: NativeOptions = options, lifetime: UInt32? = nil,
    limits: SeriesLimits = SeriesLimits(), shards: Int = 4
  ) -> Aggregator {
    var lifetimes = SeriesLifetimes()
    lifetimes[.histogram] = lifetime
    return Aggregator(
      rules: .all(observer: .native(options, keepsBuckets: keepsClassic), lifetimes: lifetimes),
      limits: limits, shards: shards)
  }

  @Test("hold each series' own values, with the weight of their sample rate")
  func values() {
    let aggregator = aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("a:1:2:-4|h", "a:2|h|@0.4|#k:v", "b:250|ms", "a:0|d", "c:1|c", "g:1|g")
    var a = NativeHistogram(schema: ExponentialSchema(3))
    for value in [1, 2, -4, 0] as [Double] { a.add(value, weight: 1, bucketsMax: 160) }
    #expect(aggregator.native("a") == a)
    var sampled = NativeHistogram(schema: ExponentialSchema(3))
    sampled.add(2, weight: 2.5, bucketsMax: 160)
    #expect(aggregator.native(#"a{k="v"}"#) == sampled)
    var b = NativeHistogram(schema: ExponentialSchema(3))
    b.add(0.25, weight: 1, bucketsMax: 160)
    #expect(aggregator.native("b") == b)
    // The classic buckets are kept as well.
    let classic = Contents(aggregator).histograms["a"]
    #expect(classic?.buckets.count == 15 && classic?.buckets.reduce(0, +) == 4)
  }

  @Test("can be kept without classic buckets: then there is one classic bucket and the sum")
  func only() {
    let aggregator = aggregator(keepsClassic: false)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1:20:300|h", "a:1|h|@0.5")
    #expect(Contents(aggregator).histograms == ["a": .init(sum: 323, buckets: [5])])
    #expect(aggregator.native("a")?.count == 5)
  }

  @Test("are not kept unless configured")
  func off() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("a:1:20:300|h")
    #expect(aggregator.native("a") == nil)
    #expect(Contents(aggregator).histograms["a"]?.buckets.reduce(0, +) == 3)
  }

  @Test("become coarser for a series that has too many buckets")
  func limit() {
    let aggregator = aggregator(options: NativeOptions(bucketsMax: 10))
    var ingest = Ingest(aggregator)
    for exponent in 0..<37 { ingest.apply("wide:\(1 << exponent)|h", "narrow:1|h") }
    let wide = aggregator.native("wide")
    #expect(wide?.schema.number == -2 && wide?.count == 37 && wide?.bucketCount == 10)
    #expect(aggregator.native("narrow")?.schema.number == 3)
  }

  @Test("count their lines in the bytes of a scrape")
  func exposedBytes() {
    for (keepsClassic, bytes) in [(true, 17), (false, 3)] {
      let aggregator = aggregator(keepsClassic: keepsClassic)
      var ingest = Ingest(aggregator)
      ingest.apply("a:1|h")
      #expect(aggregator.limitReading().used.contains { $0 == (.exposedBytes, bytes) })
    }
  }

  @Test("are removed with their series, and a new series in the row starts empty")
  func expiry() {
    let aggregator = aggregator(lifetime: 10, shards: 1)
    var ingest = Ingest(aggregator)
    ingest.apply((0..<600).map { "old\($0):\($0):7|h" })
    let handedOut = aggregator.native("old5")
    let row = aggregator.readHistogram("old5") { _, row in row }
    for second in 1...5 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    ingest.apply("kept:3|h")
    for second in 6...15 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(aggregator.native("old5") == nil && handedOut?.count == 2)
    #expect(aggregator.native("kept")?.count == 1)
    let freed = aggregator.readHistogramTable(shard: 0) { table in
      row.flatMap { table.observations.native($0) }
    }
    #expect(freed?.isEmpty == true)
    ingest.apply((0..<600).map { "new\($0):1|h" })
    for name in 0..<600 { #expect(aggregator.native("new\(name)")?.count == 1) }
    #expect(aggregator.native("kept")?.count == 1)
    ingest.apply("old5:1:1:1|h")
    #expect(aggregator.native("old5")?.count == 3)
  }

  @Test("can be read while they are written, each in a consistent state")
  func concurrency() {
    let aggregator = aggregator(options: NativeOptions(bucketsMax: 20), shards: 2)
    let running = Running()
    let rounds = 400
    for thread in 0..<2 {
      running.start {
        var ingest = Ingest(aggregator)
        var generator = SeededGenerator(seed: UInt64(thread))
        for _ in 0..<rounds {
          // Five values in one sample, so that no reading may show a part of them.
          let values = (0..<5).map { _ in "\(Int.random(in: 1...1_000_000, using: &generator))" }
          ingest.apply((0..<4).map { "h\($0):\(values.joined(separator: ":"))|h" })
        }
        return [ingest.totals]
      }
    }
    var least = [Double](repeating: 0, count: 4)
    while !running.isDone {
      for series in 0..<4 {
        guard let native = aggregator.native("h\(series)") else { continue }
        let count = native.count
        let sum = (native.positive + native.negative).reduce(native.zeroCount) { $0 + $1.count }
        if count < least[series] || sum != count
          || count.truncatingRemainder(dividingBy: 5) != 0 || native.bucketCount > 20
        {
          Issue.record("\(count) after \(least[series])")
        }
        least[series] = count
      }
    }
    for totals in running.wait() { #expect(totals.refused.isEmpty) }
    for series in 0..<4 {
      #expect(aggregator.native("h\(series)")?.count == Double(2 * rounds * 5))
    }
  }
}
