import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("The room that pushed totals take")
struct PushRoomTests {
  @Test(
    "includes the baselines of older instances",
    arguments: [
      PushedRecord.Value.histogram(bounds: nil, sum: 1, buckets: [0: 1]),
      .exponential(schema: 3, sum: 1, zero: 0, positive: [1: 1]),
    ])
  func baselines(_ value: PushedRecord.Value) throws {
    func apply(age: UInt64, totalsMax: Int) throws -> (refused: Int, totals: Int) {
      let server = PushServer(atSecond: 1) { $0.totalsMax = totalsMax }
      var ingest = PushIngest(server.owners)
      try ingest.apply(
        Pushed(sequence: 1, age: age, records: [PushedRecord("h", value, time: 0)]))
      return (ingest.refused[.tooManyTotals] ?? 0, server.owners.totals().totals)
    }
    let once = try apply(age: 0, totalsMax: 1_000).totals
    let twice = try apply(age: 1_000_000, totalsMax: 1_000).totals
    #expect(twice > once + once / 2)
    #expect(try apply(age: 0, totalsMax: twice).refused == 0)
    #expect(try apply(age: 1_000_000, totalsMax: once) == (1, 0))
  }

  @Test("does not include labels without a value")
  func emptyLabels() throws {
    let server = PushServer()
    var ingest = PushIngest(server.owners)
    let records = (0..<1_000).map {
      PushedRecord("c_total", [("l\($0)", ""), ("m\($0)", "")], .counter(Double($0)))
    }
    try ingest.apply(Pushed(sequence: 1, records: records))
    #expect(server.owners.totals().totals == 1)
    #expect(server.contents.values == [.counter: ["c_total": 999]])
  }

  /// An exponential histogram with consecutive buckets from `first` on.
  private func exponential(_ name: String, from first: Int, _ buckets: Int) -> PushedRecord {
    let positive = Dictionary(uniqueKeysWithValues: (first..<first + buckets).map { ($0, 1.0) })
    return PushedRecord(
      name, .exponential(schema: 8, sum: 1, zero: 0, positive: positive))
  }

  @Test("of exponential histograms depends on their buckets")
  func exponentials() throws {
    let native = NativeOptions(schema: ExponentialSchema(8), bucketsMax: 160)
    let server = PushServer(
      Aggregator(rules: .all(observer: .native(native, keepsBuckets: true))))
    var ingest = PushIngest(server.owners)
    try ingest.apply(Pushed(sequence: 1, records: [exponential("few", from: 0, 1)]))
    let few = server.owners.totals().totals
    #expect((2...10).contains(few))
    try ingest.apply(Pushed(sequence: 2, records: [exponential("many", from: 0, 300)]))
    // 300 buckets of 12 bytes.
    let many = server.owners.totals().totals - few
    #expect((73...160).contains(many))
    // 20,000 buckets are made fewer, and their memory is given back.
    try ingest.apply(Pushed(sequence: 3, records: [exponential("most", from: 0, 20_000)]))
    #expect((40...160).contains(server.owners.totals().totals - few - many))
    var catalog = Catalog()
    catalog.update(from: server.aggregator)
    for family in catalog.families {
      server.aggregator.forEachSeries(of: family) { piece, index in
        #expect(piece.native(index)?.bytesHeld ?? 0 <= 160 * 12 * 2 + 400)
      }
    }
  }

  @Test(
    "is limited for histograms that grow, which then count in their existing buckets")
  func growth() throws {
    // There is room for 150 buckets of 12 bytes, and not for 300.
    let limit = 70
    let server = PushServer { $0.totalsMax = limit }
    var ingest = PushIngest(server.owners)
    try ingest.apply(Pushed(sequence: 1, records: [exponential("h", from: 0, 150)]))
    #expect(ingest.refused == [:])
    try ingest.apply(Pushed(sequence: 2, records: [exponential("h", from: 5_000, 150)]))
    #expect(ingest.refused == [.tooManyTotals: 1])
    try ingest.apply(Pushed(sequence: 3, records: [exponential("h", from: 0, 150)]))
    #expect(ingest.refused == [.tooManyTotals: 1])
    #expect(server.owners.totals().totals <= limit)
    #expect(server.contents.histograms["h"]?.buckets.reduce(0, +) == 150)
  }

  @Test("is given back when instances are forgotten, whatever they had sent")
  func givenBack() throws {
    let server = PushServer()
    var ingest = PushIngest(server.owners)
    for instance in 1...20 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(
          instance: instance, sequence: 1,
          records: [
            PushedRecord("c_total", .counter(1)),
            PushedRecord("g", .gauge(1, .sum)), PushedRecord("n", .gaugeAdd(1, .sum)),
            PushedRecord("h", .histogram(bounds: [1, 2], sum: 1, buckets: [0: 1])),
            exponential("e", from: 0, 90), PushedRecord("s", .members([1])),
          ]))
    }
    // A counter, two gauges of which one is changed, a histogram and an exponential one, and a set.
    #expect((600...2_000).contains(server.owners.totals().totals))
    for second in [61, 65, 69, 73] as [UInt32] { server.owners.expire(atSecond: second) }
    #expect(server.owners.totals().totals < 1_500)
    for second in 86_400...86_410 as ClosedRange<UInt32> { server.owners.expire(atSecond: second) }
    #expect(server.owners.totals().totals == 0)
    #expect(server.owners.totals().instances == 0)
  }
}
