import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("A new series")
struct ZeroFirstTests {
  private func aggregator(
    _ seconds: UInt32, _ observer: Observer = .buckets,
    lifetimes: SeriesLifetimes = SeriesLifetimes(), shards: Int = Aggregator.shardsDefault
  ) -> Aggregator {
    Aggregator(
      rules: .all(observer: observer, lifetimes: lifetimes), zeroFirstSeconds: seconds,
      shards: shards,
      unixSeconds: { 1_767_323_045 })
  }

  @Test("is shown as 0 until it is old enough, and never again, for every kind of total")
  func kinds() {
    let aggregator = aggregator(30)
    var ingest = Ingest(aggregator)
    aggregator.expire(atSecond: 100)
    ingest.apply("c:5|c", "h:3|h", "g:7|g", "s:x|s")
    for second in 100...130 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      ingest.apply("c:1|c")
      let contents = Contents(aggregator)
      #expect(contents.values[.counter] == ["c": 0])
      #expect(contents.histograms["h"]?.sum == 0)
      #expect(contents.histograms["h"]?.buckets.allSatisfy { $0 == 0 } == true)
      // A gauge goes up and down, so it does not start at 0.
      #expect(contents.values[.gauge] == ["g": 7] && contents.values[.set] == ["s": 1])
    }
    // Another one is young when these no longer are.
    ingest.apply("late:2|c")
    for second in [131, 140] as [UInt32] {
      aggregator.expire(atSecond: second)
      let contents = Contents(aggregator)
      #expect(contents.values[.counter] == ["c": 36, "late": 0])
      #expect(contents.histograms["h"]?.sum == 3)
    }
    aggregator.expire(atSecond: 161)
    #expect(Contents(aggregator).values[.counter] == ["c": 36, "late": 2])
  }

  @Test("shows its first value at once by default")
  func off() {
    let aggregator = aggregator(0)
    var ingest = Ingest(aggregator)
    ingest.apply("c:5|c")
    #expect(Contents(aggregator).values[.counter] == ["c": 5])
  }

  @Test("has no native buckets yet, but already has its start time")
  func native() {
    let aggregator = aggregator(
      10, .native(NativeOptions(), keepsBuckets: true))
    var ingest = Ingest(aggregator)
    ingest.apply("h:3|h")
    func reading() -> (count: Double?, schema: Int?, start: UInt32?) {
      var catalog = Catalog()
      catalog.update(from: aggregator)
      var found: (Double?, Int?, UInt32?)
      aggregator.forEachSeries(of: catalog.families[0]) { piece, index in
        found = (
          piece.native(index)?.count, piece.native(index)?.schema.number,
          piece.startUnixSeconds(index)
        )
      }
      return found
    }
    #expect(reading() == (0, 3, 1_767_323_045))
    aggregator.expire(atSecond: 11)
    #expect(reading() == (1, 3, 1_767_323_045))
  }

  @Test("is shown as 0 first if it was pushed, too")
  func pushed() throws {
    let aggregator = aggregator(10)
    var ingest = PushIngest(Owners(aggregator: aggregator))
    try ingest.apply(Pushed(sequence: 1, records: [PushedRecord("c", .counter(8))]))
    #expect(Contents(aggregator).values[.counter] == ["c": 0])
    aggregator.expire(atSecond: 11)
    try ingest.apply(Pushed(sequence: 2, records: [PushedRecord("c", .counter(9))]))
    #expect(Contents(aggregator).values[.counter] == ["c": 9])
  }

  @Test("that gets the row of an expired one is shown as 0 for its own time")
  func reuse() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 3
    // With more shards the new series would seldom get the row of the old one.
    let aggregator = aggregator(20, lifetimes: lifetimes, shards: 1)
    var ingest = Ingest(aggregator)
    ingest.apply("old:5|c")
    // It expires before it was ever shown.
    for second in 1...10 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).values[.counter] == nil)
    ingest.apply("new:6|c")
    for second in 11...30 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      ingest.apply("new:1|c")
      #expect(Contents(aggregator).values[.counter] == ["new": 0])
    }
    aggregator.expire(atSecond: 31)
    #expect(Contents(aggregator).values[.counter] == ["new": 26])
  }

  @Test("is one of many, and each is shown as 0 for its own time")
  func many() {
    let aggregator = aggregator(5)
    var ingest = Ingest(aggregator)
    for second in 1...3 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      ingest.apply((0..<9_000).map { "c:1|c|#k:\(second)-\($0)" })
    }
    func grown() -> Int {
      Contents(aggregator).values[.counter]?.values.count { $0 == 1 } ?? 0
    }
    let counts = (6...9 as ClosedRange<UInt32>).map { second in
      aggregator.expire(atSecond: second)
      return grown()
    }
    #expect(counts == [0, 9_000, 18_000, 27_000])
  }
}
