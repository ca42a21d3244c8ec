import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Owners of pushed totals")
struct PushOwnerTests {
  private let aggregator = Aggregator()
  private let owners: Owners
  private var limits = OwnerLimits()

  init() {
    owners = Owners(aggregator: aggregator)
  }

  /// Lets so many seconds pass, a second at a time, from one to the other.
  private func pass(_ seconds: ClosedRange<UInt32>, _ owners: Owners, _ aggregator: Aggregator) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
  }

  private func gauge(
    _ instance: UInt64, _ sequence: UInt64, _ value: Double, _ merge: GaugeMerge, age: UInt64 = 0,
    isFinal: Bool = false
  ) -> Pushed {
    Pushed(
      instance: instance, sequence: sequence, age: age, isFinal: isFinal,
      records: [PushedRecord("g", .gauge(value, merge))])
  }

  private func value(_ series: String, _ kind: MetricKind = .gauge) -> Double? {
    owners.settle()
    return Contents(aggregator).values[kind]?[series]
  }

  @Test(
    "merge a gauge as its records ask for",
    arguments: [
      (GaugeMerge.last, 3.0), (.sum, 14.0), (.min, 3.0), (.max, 7.0), (.avg, 14.0 / 3),
    ])
  func gaugeMerges(merge: GaugeMerge, expected: Double) throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(1, 1, 7, merge, age: 10))
    try ingest.apply(gauge(2, 1, 3, merge, age: 30))
    try ingest.apply(gauge(3, 1, 4, merge, age: 20))
    #expect(value("g") == expected)
  }

  @Test("take a gauge's value from the newest frame that set it, however late an older one comes")
  func lateGauge() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(1, 2, 20, .sum))
    try ingest.apply(gauge(1, 1, 10, .sum))
    #expect(value("g") == 20)
  }

  @Test("add a change to a gauge once, and not where the gauge was set since")
  func gaugeAdd() throws {
    var ingest = PushIngest(owners)
    func add(_ sequence: UInt64) -> Pushed {
      Pushed(sequence: sequence, records: [PushedRecord("g", .gaugeAdd(5, .last))])
    }
    try ingest.apply(add(1))
    try ingest.apply(add(1))
    #expect(value("g") == 5)
    try ingest.apply(gauge(1, 3, 100, .last))
    try ingest.apply(add(2))
    try ingest.apply(add(4))
    #expect(value("g") == 105)
  }

  @Test("let a gauge go whose value is NaN, and the series with the last of them")
  func removedGauge() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(1, 1, 1, .sum))
    try ingest.apply(gauge(2, 1, 2, .sum))
    try ingest.apply(gauge(1, 2, .nan, .sum))
    #expect(value("g") == 2)
    try ingest.apply(gauge(2, 2, .nan, .sum))
    #expect(value("g") == nil)
    try ingest.apply(gauge(2, 3, 9, .sum))
    #expect(value("g") == 9)
  }

  @Test("let gauges go when they end, and none come back that was sent before")
  func finalFrame() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(1, 1, 1, .sum))
    try ingest.apply(gauge(2, 1, 2, .sum))
    // It says nothing of the gauge: what comes late is not older than another value, but than the end.
    try ingest.apply(Pushed(instance: 1, sequence: 3, isFinal: true))
    #expect(value("g") == 2)
    try ingest.apply(gauge(1, 2, 4, .sum))
    #expect(value("g") == 2)
    // Nor does one that its last frame itself sets stay.
    try ingest.apply(gauge(2, 2, 2, .sum, isFinal: true))
    #expect(value("g") == nil)
    try ingest.apply(gauge(3, 1, 6, .sum))
    try ingest.apply(gauge(1, 1, 1, .sum))
    #expect(value("g") == 6)
  }

  @Test("make the mean of those that are left when one ends")
  func meanOfTheRest() throws {
    var ingest = PushIngest(owners)
    for (instance, value) in [(1, 7.0), (2, 3), (3, 5)] {
      try ingest.apply(gauge(UInt64(instance), 1, value, .avg))
    }
    #expect(value("g") == 5)
    try ingest.apply(Pushed(instance: 1, sequence: 2, isFinal: true))
    #expect(value("g") == 4)
  }

  @Test("agree on a gauge that two set in the same millisecond, whoever comes first")
  func sameMillisecond() throws {
    var shown: [Double?] = []
    for order in [[1, 2], [2, 1]] as [[UInt64]] {
      let aggregator = Aggregator()
      let owners = Owners(aggregator: aggregator)
      var ingest = PushIngest(owners)
      for instance in order { try ingest.apply(gauge(instance, 1, Double(instance) * 10, .last)) }
      owners.settle()
      shown.append(Contents(aggregator).values[.gauge]?["g"])
    }
    #expect(shown == [20, 20])
  }

  @Test("count once when another of their shard is forgotten")
  func neighbours() throws {
    let owners = Owners(aggregator: aggregator, shards: 1)
    var ingest = PushIngest(owners)
    func told(_ instance: UInt64, _ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(
        instance: instance, sequence: sequence, records: [PushedRecord("c_total", .counter(total))])
    }
    let day: UInt32 = 24 * 60 * 60
    for instance in 1...4 as ClosedRange<UInt64> { try ingest.apply(told(instance, 1, 10)) }
    pass(1...10, owners, aggregator)
    for instance in 2...4 as ClosedRange<UInt64> { try ingest.apply(told(instance, 2, 11)) }
    pass(day...day + 8, owners, aggregator)
    #expect(owners.totals().forgottenByAge == 1)
    #expect(owners.totals().instances == 3)
    for instance in (2...4 as ClosedRange<UInt64>).reversed() {
      try ingest.apply(told(instance, 3, 12))
    }
    #expect(value("c_total", .counter) == 46)
    #expect(owners.totals().instances == 3)
  }

  @Test("add up fractions to the last digit, however many steps they take")
  func fractions() throws {
    var ingest = PushIngest(owners)
    var total = 0.0
    for sequence in 1...1_000 as ClosedRange<UInt64> {
      total += 0.1
      try ingest.apply(
        Pushed(
          sequence: sequence,
          records: [
            PushedRecord("c_total", .counter(total)),
            PushedRecord("h", .histogram(bounds: nil, sum: total, buckets: [2: Double(sequence)])),
          ]))
      #expect(value("c_total", .counter) == total)
      #expect(Contents(aggregator).histograms["h"]?.sum == total)
    }
    // A great total in one step, and small ones on top of it.
    try ingest.apply(Pushed(sequence: 1_001, records: [PushedRecord("c_total", .counter(1e15))]))
    total = 1e15
    for sequence in 1_002...1_100 as ClosedRange<UInt64> {
      total += 0.125
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(total))]))
    }
    #expect(value("c_total", .counter) == total)
  }

  @Test("add up what the difference of two totals loses, which all of them together show")
  func roundedSteps() throws {
    var ingest = PushIngest(owners)
    // 1e16 - 0.75 is 1e16: without the rest it would be 75 too many, of which 128 are shown.
    for (sequence, total) in [(1, 0.75), (2, 1e16)] {
      for instance in 1...100 as ClosedRange<UInt64> {
        try ingest.apply(
          Pushed(
            instance: instance, sequence: UInt64(sequence),
            records: [PushedRecord("c_total", .counter(total))]))
      }
    }
    #expect(value("c_total", .counter) == 1e18)
  }

  @Test("lose their gauges when they are silent for the time of gauges, and not their counts")
  func silence() throws {
    var ingest = PushIngest(owners)
    var both = gauge(1, 1, 1, .sum)
    both.records.append(PushedRecord("c_total", .counter(10)))
    try ingest.apply(both)
    pass(1...60, owners, aggregator)
    try ingest.apply(gauge(2, 1, 2, .sum))
    #expect(value("g") == 3)
    pass(61...70, owners, aggregator)
    #expect(value("g") == 2)
    #expect(value("c_total", .counter) == 10)
    // Another gauge of the same owner comes back with its next frame.
    try ingest.apply(gauge(1, 2, 7, .sum))
    #expect(value("g") == 9)
  }

  @Test("are absorbed after a while, and add only what they gained when they come back")
  func absorbed() throws {
    var ingest = PushIngest(owners)
    func counter(_ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(total))])
    }
    try ingest.apply(counter(1, 10))
    pass(1...910, owners, aggregator)
    #expect(owners.totals().absorbed == 1)
    #expect(owners.totals().live == 0)
    #expect(value("c_total", .counter) == 10)
    // A straggler, sent before.
    try ingest.apply(counter(1, 10))
    #expect(owners.totals().returned == 0)
    #expect(value("c_total", .counter) == 10)
    try ingest.apply(counter(2, 14))
    #expect(owners.totals().returned == 1)
    #expect(value("c_total", .counter) == 14)
  }

  @Test("are forgotten after a day")
  func forgotten() throws {
    var ingest = PushIngest(owners)
    let frame = Pushed(sequence: 1, records: [PushedRecord("c_total", .counter(10))])
    try ingest.apply(frame)
    let day: UInt32 = 24 * 60 * 60
    pass(day - 5...day, owners, aggregator)
    #expect(owners.totals().instances == 1)
    pass(day + 1...day + 8, owners, aggregator)
    #expect(owners.totals().instances == 0)
    #expect(owners.totals().forgottenByAge == 1)
    #expect(value("c_total", .counter) == 10)
  }

  @Test("lose what is missing once, when they are absorbed, and not again when they are forgotten")
  func lostOnce() throws {
    var ingest = PushIngest(owners)
    for sequence in [1, 3] as [UInt64] {
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(1))]))
    }
    pass(1...910, owners, aggregator)
    #expect(owners.totals().absorbed == 1)
    #expect(owners.totals().lost == 1)
    let day: UInt32 = 24 * 60 * 60
    pass(day...day + 8, owners, aggregator)
    #expect(owners.totals().forgottenByAge == 1)
    #expect(owners.totals().lost == 1)
  }

  @Test("keep a series alive by repeating its total")
  func repeated() throws {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 10
    let aggregator = Aggregator(lifetimes: lifetimes)
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    for sequence in 1...6 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(10))]))
      let now = UInt32(sequence) * 8
      pass(now - 7...now, owners, aggregator)
    }
    #expect(Contents(aggregator).values == [.counter: ["c_total": 10]])
  }

  @Test("count observations and increments once, and members of sets however often")
  func changes() throws {
    var ingest = PushIngest(owners)
    let frame = Pushed(
      sequence: 1,
      records: [
        PushedRecord("o", .observations([0.02, 200], weight: 4)),
        PushedRecord("i_total", .increment(3)), PushedRecord("s", .members([1, 2, 3])),
      ])
    try ingest.apply(frame)
    try ingest.apply(frame)
    let contents = Contents(aggregator)
    #expect(contents.values == [.counter: ["i_total": 3], .set: ["s": 3]])
    #expect(contents.histograms["o"]?.sum == 800.08)
    #expect(contents.histograms["o"]?.buckets[2] == 4)
    #expect(contents.histograms["o"]?.buckets[14] == 4)
    #expect(owners.totals().duplicates == 1)
  }

  @Test("fold buckets with other bounds into the first that holds them whole")
  func folded() throws {
    var ingest = PushIngest(owners)
    let bounds = [0.05, 0.3, 60]
    func frame(_ sequence: UInt64, _ buckets: [Int: Double]) -> Pushed {
      Pushed(
        sequence: sequence,
        records: [PushedRecord("h", .histogram(bounds: bounds, sum: 1, buckets: buckets))])
    }
    try ingest.apply(frame(1, [0: 1, 1: 2]))
    try ingest.apply(frame(2, [0: 1, 1: 3, 2: 4, 3: 5]))
    let buckets = try #require(Contents(aggregator).histograms["h"]?.buckets)
    // 0.05 and 60 are Weir's own, 0.3 goes to 0.5, and what is above goes to +Inf.
    #expect(buckets.enumerated().filter { $0.element > 0 }.map(\.offset) == [3, 6, 12, 14])
    #expect([3, 6, 12, 14].map { buckets[$0] } == [1, 3, 4, 5])
  }

  @Test("refuse a histogram whose bounds are not what they were")
  func changedBounds() throws {
    var ingest = PushIngest(owners)
    for (sequence, bounds) in [(1, [1.0, 2]), (2, [1.0, 3]), (3, [1.0, 2])] {
      let record = PushedRecord("h", .histogram(bounds: bounds, sum: 1, buckets: [0: 1]))
      try ingest.apply(Pushed(sequence: UInt64(sequence), records: [record]))
    }
    #expect(ingest.refused == [.badBuckets: 1])
    #expect(Contents(aggregator).histograms["h"]?.buckets[7] == 1)
  }

  @Test("refuse a record for its series' sake, and take the others of its frame")
  func refusedSeries() throws {
    var ingest = PushIngest(owners)
    let records = [
      PushedRecord("a", .counter(1)), PushedRecord("a", .gauge(1, .last)),
      PushedRecord("weir_x", .counter(1)), PushedRecord("b", [("l", "v")], .counter(2)),
    ]
    try ingest.apply(Pushed(sequence: 1, records: records))
    #expect(ingest.refusedSeries == [.typeClash: 1, .reservedName: 1])
    #expect(Contents(aggregator).values == [.counter: ["a": 1, "b{l=\"v\"}": 2]])
  }

  @Test("know a series in whatever order its labels come")
  func labelOrder() throws {
    var ingest = PushIngest(owners)
    let (a, b) = (("a", "1"), ("b", "2"))
    try ingest.apply(Pushed(sequence: 1, records: [PushedRecord("c", [a, b], .counter(5))]))
    try ingest.apply(Pushed(sequence: 2, records: [PushedRecord("c", [b, a], .counter(7))]))
    #expect(Contents(aggregator).values == [.counter: ["c{a=\"1\",b=\"2\"}": 7]])
  }

  @Test("let a series' own label hold before a common one, whatever that is from frame to frame")
  func commonLabels() throws {
    var ingest = PushIngest(owners)
    for (sequence, total) in [(1, 5.0), (2, 7), (3, 8), (4, 9)] {
      try ingest.apply(
        Pushed(
          sequence: UInt64(sequence), common: [("a", "\(sequence)"), ("x", "1")],
          records: [PushedRecord("c", [("a", "1")], .counter(total))]))
    }
    #expect(Contents(aggregator).values == [.counter: ["c{a=\"1\",x=\"1\"}": 9]])
  }

  @Test(
    "take labels as what is left when the last of each name holds, and none without a value",
    arguments: [
      ([("a", "x")], [("a", "")], "c"), ([("a", "")], [("a", "x")], "c{a=\"x\"}"),
      ([("a", ""), ("b", "1")], [], "c{b=\"1\"}"),
      ([("a", "x"), ("b", "1")], [("a", "")], "c{b=\"1\"}"),
      ([], [("a", "1"), ("a", "2")], "c{a=\"2\"}"), ([], [("a", "1"), ("a", "")], "c"),
      ([], [("a", ""), ("a", "1")], "c{a=\"1\"}"), ([("a", "1"), ("a", "2")], [], "c{a=\"2\"}"),
      ([("", "v")], [], "c"),
    ] as [([(String, String)], [(String, String)], String)])
  func effectiveLabels(
    common: [(String, String)], labels: [(String, String)], series: String
  ) throws {
    var ingest = PushIngest(owners)
    try ingest.apply(
      Pushed(sequence: 1, common: common, records: [PushedRecord("c", labels, .counter(5))]))
    #expect(Contents(aggregator).values == [.counter: [series: 5]])
    // The same identity, in other words.
    let pair = series == "c" ? [] : [String(series.dropFirst(2).prefix(1))]
    let values = series == "c" ? [] : [String(series.dropFirst(5).prefix(1))]
    let plain = Array(zip(pair, values))
    try ingest.apply(Pushed(sequence: 2, records: [PushedRecord("c", plain, .counter(7))]))
    #expect(Contents(aggregator).values == [.counter: [series: 7]])
  }

  @Test("refuse a signed frame that is too old to be known, and change nothing by one seen before")
  func replays() throws {
    var ingest = PushIngest(owners)
    func frame(_ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(
        sequence: sequence, isSigned: true, records: [PushedRecord("c_total", .counter(total))])
    }
    #expect(try ingest.apply(frame(2_000, 5)) == .applied)
    #expect(try ingest.apply(frame(2_000, 9)) == .seenBefore)
    #expect(try ingest.apply(frame(1_999, 6)) == .applied)
    #expect(throws: PushRefusal.replayed) { try ingest.apply(frame(976, 9)) }
    #expect(value("c_total", .counter) == 6)
  }
}
