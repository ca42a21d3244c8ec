import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Series of active owners")
struct PushLifetimeTests {
  private let aggregator: Aggregator
  private let owners: Owners

  init() {
    var lifetimes = SeriesLifetimes()
    for kind in MetricKind.allCases { lifetimes[kind] = 60 }
    aggregator = Aggregator(rules: .all(lifetimes: lifetimes))
    var limits = OwnerLimits()
    limits.gaugeSeconds = 700
    owners = Owners(aggregator: aggregator, limits: limits)
  }

  private func pass(_ seconds: ClosedRange<UInt32>) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
    owners.mergeGauges()
  }

  private func records(_ total: Double) -> [PushedRecord] {
    [
      PushedRecord("c_total", .counter(total)), PushedRecord("g", .gauge(total, .sum)),
      PushedRecord("h", .histogram(bounds: nil, sum: total, buckets: [2: total])),
      PushedRecord("e", .exponential(schema: 0, sum: total, zero: 0, positive: [0: total])),
      PushedRecord("s", .members([1, 2, 3])), PushedRecord("i_total", .increment(1)),
      PushedRecord("o", .observations([1], weight: 1)),
    ]
  }

  private func names() -> Set<String> {
    let contents = Contents(aggregator)
    return Set(contents.values.values.flatMap(\.keys)).union(contents.histograms.keys)
  }

  @Test("stay while an owner that has sent them is active, whatever the lifetime of series")
  func held() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(Pushed(sequence: 1, records: records(1_000)))
    // It repeats one of them, and is silent then for less than it takes to be retired.
    pass(1...600)
    let all: Set = ["c_total", "g", "h", "e", "s", "i_total", "o"]
    #expect(names() == all)
    try ingest.apply(Pushed(sequence: 2, records: []))
    pass(601...1_200)
    #expect(names() == all)
    #expect(Contents(aggregator).values[.counter]?["c_total"] == 1_000)
    #expect(Contents(aggregator).values[.gauge]?["g"] == 1_000)
    // Its gauge is removed, it is retired, and then the other series expire.
    pass(1_201...1_310)
    #expect(names() == all.subtracting(["g"]))
    pass(1_311...1_600)
    #expect(names().isEmpty)
  }

  @Test("expire their lifetime after the last of their owners has ended or become silent")
  func ended() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(Pushed(instance: 1, sequence: 1, records: records(1)))
    try ingest.apply(Pushed(instance: 2, sequence: 1, records: records(2)))
    // A late frame of one that has ended holds nothing.
    try ingest.apply(Pushed(instance: 1, sequence: 3, isFinal: true, records: records(5)))
    try ingest.apply(Pushed(instance: 1, sequence: 2, records: records(4)))
    pass(1...100)
    #expect(Contents(aggregator).values[.counter]?["c_total"] == 7)
    try ingest.apply(Pushed(instance: 2, sequence: 2, isFinal: true))
    pass(101...110)
    #expect(names().isEmpty)
  }

  /// Sends the first frame. Then the owner is retired, and its series expire.
  private func sendAndExpire(_ total: Double, _ ingest: inout PushIngest) throws {
    try ingest.apply(Pushed(sequence: 1, records: records(total)))
    pass(1...1_100)
    #expect(names().isEmpty)
  }

  @Test("show the owner's total again when it comes back after the series has expired")
  func comesBack() throws {
    var ingest = PushIngest(owners)
    try sendAndExpire(1_000, &ingest)
    try ingest.apply(Pushed(sequence: 2, records: records(1_000)))
    owners.mergeGauges()
    func expect(_ total: Double) {
      let contents = Contents(aggregator)
      #expect(contents.values[.counter]?["c_total"] == total)
      #expect(contents.values[.gauge]?["g"] == total)
      #expect(contents.values[.set]?["s"] == 3)
      #expect(contents.histograms["h"]?.sum == total)
      #expect(contents.histograms["h"]?.buckets[2] == total)
      #expect(contents.histograms["e"]?.sum == total)
      #expect(contents.histograms["e"]?.buckets.reduce(0, +) == total)
    }
    expect(1_000)
    try ingest.apply(Pushed(sequence: 3, records: records(1_001)))
    owners.mergeGauges()
    expect(1_001)
  }

  @Test("are not lost with one of two owners")
  func shared() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(Pushed(instance: 1, sequence: 1, records: records(3)))
    try ingest.apply(Pushed(instance: 2, sequence: 1, records: records(4)))
    for sequence in 2...12 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: 2, sequence: sequence))
      pass(UInt32(sequence - 2) * 100 + 1...UInt32(sequence - 1) * 100)
    }
    #expect(owners.totals().retired == 1)
    #expect(Contents(aggregator).values[.counter]?["c_total"] == 7)
    #expect(Contents(aggregator).values[.gauge]?["g"] == 4)
  }

  @Test("may have two totals of one owner, which are added")
  func meeting() throws {
    var ingest = PushIngest(owners)
    let first = PushedRecord("q.x_total", .counter(5))
    let second = PushedRecord("q_x_total", .counter(7))
    try ingest.apply(Pushed(sequence: 1, records: [first, second]))
    #expect(Contents(aggregator).values == [.counter: ["q_x_total": 12]])
    try ingest.apply(Pushed(sequence: 2, isFinal: true, records: [first]))
    #expect(Contents(aggregator).values == [.counter: ["q_x_total": 12]])
    pass(1...80)
    #expect(names().isEmpty)
    try ingest.apply(Pushed(sequence: 3, records: [first, second]))
    #expect(Contents(aggregator).values == [.counter: ["q_x_total": 12]])
  }

  @Test("count once and go, if a frame has them twice after they have expired")
  func twiceInAFrame() throws {
    var ingest = PushIngest(owners)
    try sendAndExpire(10, &ingest)
    try ingest.apply(Pushed(sequence: 2, records: records(10) + records(12)))
    #expect(Contents(aggregator).values[.counter]?["c_total"] == 12)
    #expect(Contents(aggregator).values[.counter]?["i_total"] == 2)
    #expect(Contents(aggregator).histograms["h"]?.sum == 12)
    #expect(Contents(aggregator).histograms["e"]?.sum == 12)
    #expect(Contents(aggregator).histograms["o"]?.sum == 2)
    // Nobody holds them twice.
    pass(1_101...2_300)
    #expect(names().isEmpty)
  }
}
