import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Pushed gauges")
struct PushGaugeTests {
  private let aggregator = Aggregator()
  private let owners: Owners

  init() {
    owners = Owners(aggregator: aggregator)
  }

  private func gauge(
    _ instance: UInt64, _ sequence: UInt64, _ value: Double, at clock: UInt64, held: Int64? = nil,
    _ merge: GaugeMerge = .last
  ) -> Pushed {
    Pushed(
      instance: instance, sequence: sequence, clock: clock,
      records: [PushedRecord("g", .gauge(value, merge), time: held)])
  }

  private func value(_ series: String = "g") -> Double? {
    owners.mergeGauges()
    return Contents(aggregator).values[.gauge]?[series]
  }

  @Test("show the value that was set last, however often an earlier one is repeated")
  func repeats() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(2, 1, 3, at: 1_000, held: 0))
    try ingest.apply(gauge(1, 1, 10, at: 2_000, held: 0))
    for sequence in 2...5 as ClosedRange<UInt64> {
      try ingest.apply(
        gauge(2, sequence, 3, at: sequence * 2_000, held: Int64(sequence * 2_000) - 1_000))
      #expect(value() == 10)
    }
    // The same value, set again.
    try ingest.apply(gauge(2, 6, 3, at: 20_000, held: 5))
    #expect(value() == 3)
  }

  @Test("treat an unchanged value as a repeat if the client does not send how long it has held")
  func repeatsOfOlderClients() throws {
    var ingest = PushIngest(owners)
    try ingest.apply(gauge(2, 1, 3, at: 1_000))
    try ingest.apply(gauge(1, 1, 10, at: 2_000))
    try ingest.apply(gauge(2, 2, 3, at: 3_000))
    #expect(value() == 10)
    try ingest.apply(gauge(2, 3, 4, at: 4_000))
    #expect(value() == 4)
  }

  @Test("do not believe a clock that is ahead")
  func clockAhead() throws {
    var ingest = PushIngest(owners)
    ingest.now = 10_000
    try ingest.apply(gauge(1, 1, 3, at: 999_999, held: 0))
    ingest.now = 11_000
    try ingest.apply(gauge(2, 1, 10, at: 11_000, held: 0))
    #expect(value() == 10)
    ingest.now = 12_000
    try ingest.apply(gauge(1, 2, 3, at: 1_001_999, held: 2_000))
    #expect(value() == 10)
  }

  @Test("use the clock at sending, not the one at the start")
  func clockRecord() throws {
    var ingest = PushIngest(owners)
    // The first instance's clock stood at 1970 when it started, and was set since.
    var wrong = gauge(1, 1, 3, at: 20_000, held: 0)
    wrong.start = 0
    try ingest.apply(gauge(2, 1, 10, at: 10_000, held: 0))
    try ingest.apply(wrong)
    #expect(value() == 3)
  }

  @Test("of one moment merge alike in either order", arguments: GaugeMerge.allCases)
  func sameMoment(merge: GaugeMerge) throws {
    var shown: [Double?] = []
    for instances in [[1, 2], [2, 1]] as [[UInt64]] {
      let aggregator = Aggregator()
      let owners = Owners(aggregator: aggregator)
      var ingest = PushIngest(owners)
      for instance in instances {
        try ingest.apply(gauge(instance, 1, Double(instance), at: 1_000, held: 0, merge))
      }
      owners.mergeGauges()
      shown.append(Contents(aggregator).values[.gauge]?["g"])
    }
    #expect(shown[0] != nil && shown[0] == shown[1])
  }

  @Test(
    "have the right sum and mean, even if a partial sum exceeds the range of a double",
    arguments: [
      (GaugeMerge.avg, [1.7e308, 1.7e308, 1.7e308], 1.7e308),
      (.avg, [1.7e308, -1.7e308, 1.7e308, -1.7e308], 0),
      (.sum, [1.7e308, -1.7e308, 1.7e308, -1.7e308, 5e300], 5e300),
      (.sum, [1.7e308, 1.7e308], .greatestFiniteMagnitude),
      (.avg, [.leastNonzeroMagnitude, .leastNonzeroMagnitude], .leastNonzeroMagnitude),
      (.avg, [7, 3, 5], 5),
    ] as [(GaugeMerge, [Double], Double)])
  func hugeValues(merge: GaugeMerge, values: [Double], expected: Double) throws {
    var ingest = PushIngest(owners)
    for (place, value) in values.enumerated() {
      try ingest.apply(gauge(UInt64(place + 1), 1, value, at: 1_000, held: 0, merge))
    }
    #expect(value() == expected)
  }

  /// Settings and changes of one instance, and their result in the order of their frames.
  private func history(_ random: inout SeededGenerator) -> (frames: [Pushed], value: Double) {
    var frames: [Pushed] = []
    var value = 0.0
    for sequence in 1...20 as ClosedRange<UInt64> {
      var frame = Pushed(sequence: sequence)
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let number = Double(Int.random(in: -9...9, using: &random))
        let isSetting = random.oneIn(4)
        value = isSetting ? number : value + number
        frame.records.append(
          PushedRecord("g", isSetting ? .gauge(number, .sum) : .gaugeAdd(number, .sum)))
      }
      frames.append(frame)
    }
    return (frames, value)
  }

  @Test(
    "have the same value whether settings and changes arrive in order or not", arguments: 0..<40)
  func settingsAndChanges(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let (frames, expected) = history(&random)
    var ingest = PushIngest(owners)
    let shuffled = (frames + frames.filter { _ in random.oneIn(3) }).shuffled(using: &random)
    for frame in shuffled { try ingest.apply(frame) }
    #expect(value() == expected)
  }

  @Test("that were removed and then changed start at 0, in either order of arrival")
  func removedAndChanged() throws {
    let frames = [
      gauge(1, 1, 7, at: 1_000, held: 0),
      Pushed(sequence: 2, records: [PushedRecord("g", .gauge(.nan, .last))]),
      Pushed(sequence: 3, records: [PushedRecord("g", .gaugeAdd(5, .last))]),
    ]
    for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [2, 0, 1]] {
      let aggregator = Aggregator()
      let owners = Owners(aggregator: aggregator)
      var ingest = PushIngest(owners)
      for place in order { try ingest.apply(frames[place]) }
      owners.mergeGauges()
      #expect(Contents(aggregator).values == [.gauge: ["g": 5]], "\(order)")
    }
  }

  @Test("ignore a setting that is older than the changes that are kept one by one")
  func oldSetting() throws {
    var ingest = PushIngest(owners)
    for sequence in 2...UInt64(GaugeChanges.keptMax + 3) {
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("g", .gaugeAdd(1, .last))]))
    }
    #expect(value() == Double(GaugeChanges.keptMax + 2))
    try ingest.apply(gauge(1, 1, 1_000, at: 1, held: 0))
    #expect(value() == Double(GaugeChanges.keptMax + 2))
  }
}
