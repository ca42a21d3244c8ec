import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Instances older than Weir's memory")
struct PushOlderInstanceTests {
  /// It has run for 100 s.
  private let server = PushOlderInstanceTests.server()

  private static func server(
    limits change: (inout OwnerLimits) -> Void = { _ in }
  ) -> PushServer {
    let native = NativeOptions(schema: ExponentialSchema(3))
    return PushServer(
      Aggregator(rules: .all(observer: .native(native, keepsBuckets: true))), atSecond: 100,
      limits: change)
  }

  /// A frame of an instance that is 1,000 s old, or as old as it says.
  private func frame(
    _ sequence: UInt64, age: UInt64 = 1_000_000, instance: UInt64 = 1, _ records: PushedRecord...
  ) -> Pushed {
    Pushed(instance: instance, sequence: sequence, age: age, records: records)
  }

  @Test("count their gains only, and are shown from 0 immediately")
  func counters() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(7, PushedRecord("c_total", .counter(10_000), time: 0)))
    #expect(server.counter() == 0)
    try ingest.apply(frame(8, PushedRecord("c_total", .counter(10_050), time: 0)))
    #expect(server.counter() == 50)
    // One that was on its way for longer.
    try ingest.apply(frame(6, PushedRecord("c_total", .counter(9_990), time: 0)))
    #expect(server.counter() == 50)
  }

  @Test(
    "count series completely that began after the memory, to the millisecond",
    arguments: [(899_975, 0.0), (899_976, 30), (950_000, 30)])
  func laterSeries(began: Int, shown: Double) throws {
    // 1,000 s less 100 s, which another clock may have counted as 24 ms more.
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, PushedRecord("c_total", .counter(30), time: Int64(began))))
    #expect(server.counter() == shown)
  }

  @Test("do the same with the buckets and the sums of histograms")
  func histograms() throws {
    var ingest = PushIngest(server.owners)
    func record(_ count: Double, _ sum: Double) -> PushedRecord {
      PushedRecord(
        "h", .histogram(bounds: nil, sum: sum, buckets: [3: count, 5: 1]), time: 0)
    }
    try ingest.apply(frame(1, record(40, 8)))
    let empty = try #require(server.contents.histograms["h"])
    #expect(empty == Contents.Histogram(buckets: [Double](repeating: 0, count: 15)))
    try ingest.apply(frame(2, record(42, 8.5)))
    let shown = try #require(server.contents.histograms["h"])
    #expect(shown.sum == 0.5)
    #expect(shown.buckets[3] == 2)
    #expect(shown.buckets[5] == 0)
  }

  @Test("do the same with exponential buckets")
  func exponentials() throws {
    var ingest = PushIngest(server.owners)
    func record(_ count: Double, _ sum: Double) -> PushedRecord {
      PushedRecord(
        "h", .exponential(schema: 3, sum: sum, zero: 5, positive: [-8: count, 9: 1]), time: 0)
    }
    try ingest.apply(frame(1, record(40, 8)))
    #expect(server.contents.histograms["h"]?.buckets.reduce(0, +) == 0)
    try ingest.apply(frame(2, record(42, 8.5)))
    let shown = try #require(server.contents.histograms["h"])
    #expect(shown.sum == 0.5)
    #expect(shown.buckets.reduce(0, +) == 2)
    var natives: [NativeHistogram?] = []
    var catalog = Catalog()
    catalog.update(from: server.aggregator)
    for family in catalog.families {
      server.aggregator.forEachSeries(of: family) { piece, index in
        natives.append(piece.native(index))
      }
    }
    #expect(
      natives == [
        NativeHistogram(
          schema: ExponentialSchema(3), zeroCount: 0,
          positive: [NativeHistogram.Bucket(index: -8, count: 2)], negative: [])
      ])
  }

  @Test("count changes, which use up no baseline")
  func changes() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(
      frame(
        1, PushedRecord("c_total", .increment(3)),
        PushedRecord("h", .observations([0.02], weight: 2))))
    #expect(server.counter() == 3)
    try ingest.apply(
      frame(
        2, PushedRecord("c_total", .counter(10_000), time: 0),
        PushedRecord("h", .histogram(bounds: nil, sum: 9, buckets: [2: 9]), time: 0)))
    #expect(server.counter() == 3)
    #expect(server.contents.histograms["h"]?.buckets[2] == 2)
    try ingest.apply(frame(3, PushedRecord("c_total", .counter(10_004), time: 0)))
    #expect(server.counter() == 7)
  }

  @Test(
    "of older clients count completely what arrives more than two minutes after their first frame")
  func untold() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, PushedRecord("a_total", .counter(10_000))))
    server.pass(101...220)
    try ingest.apply(frame(2, PushedRecord("b_total", .counter(500))))
    server.pass(221...221)
    try ingest.apply(frame(3, PushedRecord("c_total", .counter(70))))
    #expect(
      server.contents.values[.counter] == ["a_total": 0, "b_total": 0, "c_total": 70])
  }

  @Test(
    "are not those that started with Weir, or some seconds before",
    arguments: [(0, 30.0), (100_000, 30), (110_000, 30), (110_024, 30), (110_025, 0)])
  func grace(age: Int, shown: Double) throws {
    // Ten seconds, and 100 s divided by 4,096 for two clocks that differ.
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, age: UInt64(age), PushedRecord("c_total", .counter(30), time: 0)))
    #expect(server.counter() == shown)
  }

  @Test("count completely if configured")
  func count() throws {
    let server = PushOlderInstanceTests.server { $0.olderInstances = .count }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, PushedRecord("c_total", .counter(10_000), time: 0)))
    #expect(server.counter() == 10_000)
  }

  @Test("are those that were forgotten after a day")
  func forgottenByAge() throws {
    var ingest = PushIngest(server.owners)
    // A day after its only frame, and some seconds for the sweep.
    let end: UInt32 = 100 + 24 * 60 * 60 + 8
    func told(_ sequence: UInt64, _ total: Double, age: UInt64) -> Pushed {
      frame(sequence, age: age, PushedRecord("c_total", .counter(total), time: 0))
    }
    try ingest.apply(told(1, 10, age: 90_000))
    #expect(server.counter() == 10)
    server.pass(end - 8...end)
    #expect(server.owners.totals().forgottenByAge == 1)
    try ingest.apply(told(2, 14, age: 90_000 + UInt64(end) * 1_000))
    #expect(server.counter() == 10)
    try ingest.apply(told(3, 16, age: 90_000 + UInt64(end) * 1_000))
    #expect(server.counter() == 12)
  }

  @Test("include those that started more than a day ago, however long Weir has run")
  func longRun() throws {
    let day: UInt64 = 24 * 60 * 60 * 1_000
    server.pass(864_000...864_000)
    var ingest = PushIngest(server.owners)
    try ingest.apply(
      frame(1, age: day * 3 / 2, PushedRecord("old_total", .counter(30), time: 0)))
    try ingest.apply(
      frame(1, age: day / 2, instance: 2, PushedRecord("new_total", .counter(30), time: 0)))
    #expect(server.contents.values[.counter] == ["old_total": 0, "new_total": 30])
  }

  @Test("are those that were forgotten to make room, and not what has started since")
  func forgottenForRoom() throws {
    let server = PushOlderInstanceTests.server { $0.instancesMax = 8 }
    var ingest = PushIngest(server.owners)
    func told(_ instance: UInt64, _ sequence: UInt64, age: UInt64, _ total: Double) -> Pushed {
      frame(
        sequence, age: age, instance: instance, PushedRecord("c_total", .counter(total), time: 0))
    }
    for instance in 1...2 as ClosedRange<UInt64> {
      try ingest.apply(told(instance, 1, age: 50_000, 1))
    }
    server.pass(101...101)
    for instance in 3...8 as ClosedRange<UInt64> {
      try ingest.apply(told(instance, 1, age: 50_000, 1))
    }
    server.pass(102...1_010)
    // 300 s old: it started when those that are forgotten for its sake had long been silent.
    try ingest.apply(told(9, 1, age: 300_000, 100))
    #expect(server.owners.totals().forgottenForRoom == 2)
    #expect(server.counter() == 108)
    for instance in 3...8 as ClosedRange<UInt64> {
      try ingest.apply(told(instance, 2, age: 960_000, 11))
    }
    #expect(server.counter() == 168)
    // One of those that were forgotten comes back.
    try ingest.apply(told(1, 2, age: 960_000, 11))
    #expect(server.counter() == 168)
    try ingest.apply(told(1, 3, age: 960_000, 13))
    #expect(server.counter() == 170)
    #expect(throws: PushRefusal.tooManyInstances) {
      try ingest.apply(told(2, 2, age: 960_000, 11))
    }
  }

  @Test(
    "are those that were forgotten to make room soon after they had started",
    arguments: [0, 5_000, 9_999] as [UInt64])
  func forgottenSoonAfterTheStart(age: UInt64) throws {
    let server = PushOlderInstanceTests.server { $0.instancesMax = 1 }
    var ingest = PushIngest(server.owners)
    func told(_ instance: UInt64, _ sequence: UInt64, age: UInt64, _ total: Double) -> Pushed {
      frame(
        sequence, age: age, instance: instance, PushedRecord("c_total", .counter(total), time: 0))
    }
    // Its first frame is its last for a long time, as of a host that is frozen.
    try ingest.apply(told(1, 1, age: age, 1_000))
    server.pass(101...1_010)
    try ingest.apply(told(2, 1, age: 10, 5))
    #expect(server.owners.totals().forgottenForRoom == 1)
    server.pass(1_011...2_000)
    try ingest.apply(told(1, 2, age: age + 1_900_000, 1_500))
    #expect(server.counter() == 1_005)
    try ingest.apply(told(1, 3, age: age + 1_901_000, 1_501))
    #expect(server.counter() == 1_006)
  }

  @Test("count nothing of a coarse baseline again when a finer frame arrives late")
  func coarseBaseline() throws {
    var ingest = PushIngest(server.owners)
    func record(_ schema: Int, _ buckets: [Int: Double], _ sum: Double) -> PushedRecord {
      PushedRecord("h", .exponential(schema: schema, sum: sum, zero: 0, positive: buckets), time: 0)
    }
    func buckets() -> [Double] { server.contents.histograms["h"]?.buckets ?? [] }
    try ingest.apply(frame(9, record(-4, [1: 1_200], 1_200)))
    #expect(buckets().allSatisfy { $0 == 0 })
    try ingest.apply(frame(8, record(3, [1: 1_000], 1_000)))
    #expect(buckets().allSatisfy { $0 == 0 })
    try ingest.apply(frame(10, record(-4, [1: 1_205], 1_205)))
    #expect(buckets().reduce(0, +) == 5)
    #expect(buckets().allSatisfy { $0 >= 0 })
    #expect(server.contents.histograms["h"]?.sum == 5)
  }

  @Test("have lost no frames that were sent before Weir listened, and some that were sent since")
  func earlierFrames() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(500, age: 100_001, PushedRecord("c_total", .counter(1))))
    try ingest.apply(frame(502, age: 102_000, PushedRecord("c_total", .counter(2))))
    #expect(server.owners.instances(max: 10).map(\.missing) == [1])
    try ingest.apply(
      frame(5, age: 100_000, instance: 2, PushedRecord("c_total", .counter(1))))
    #expect(server.owners.instances(max: 10).map(\.missing).sorted() == [1, 4])
  }

  @Test("show what they had gained, and no more, when their series has expired and they come back")
  func expired() throws {
    var lifetimes = SeriesLifetimes()
    for kind in MetricKind.allCases { lifetimes[kind] = 60 }
    let server = PushServer(Aggregator(rules: .all(lifetimes: lifetimes)), atSecond: 100)
    var ingest = PushIngest(server.owners)
    func told(_ sequence: UInt64, _ total: Double) -> Pushed {
      frame(
        sequence, PushedRecord("c_total", .counter(total), time: 0),
        PushedRecord("h", .histogram(bounds: nil, sum: total, buckets: [2: total]), time: 0),
        PushedRecord(
          "e", .exponential(schema: 0, sum: total, zero: 0, positive: [0: total]), time: 0)
      )
    }
    func shown() -> [Double?] {
      let contents = server.contents
      return [contents.values[.counter]?["c_total"]]
        + ["h", "e"].flatMap { name in
          [contents.histograms[name]?.sum, contents.histograms[name]?.buckets.reduce(0, +)]
        }
    }
    try ingest.apply(told(1, 10_000))
    try ingest.apply(told(2, 10_050))
    #expect(shown() == [50, 50, 50, 50, 50])
    server.pass(101...1_100)
    #expect(shown() == [nil, nil, nil, nil, nil])
    try ingest.apply(told(3, 10_051))
    #expect(shown() == [51, 51, 51, 51, 51])
  }
}
