import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Limits on what is pushed")
struct PushLimitTests {
  private func frame(_ instance: UInt64, _ series: Int = 1) -> Pushed {
    Pushed(
      instance: instance, sequence: 1,
      records: (0..<series).map { PushedRecord("c\($0)_total", .counter(1)) })
  }

  @Test("refuse instances beyond their number, until some have been silent long enough")
  func instances() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.instancesMax = 16
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 1)
    var ingest = PushIngest(owners)
    for instance in 1...16 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(17)) }
    for second in 1...906 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
    // The three that were silent for longest make room; all are as old.
    try ingest.apply(frame(17))
    let totals = owners.totals()
    #expect(totals.forgottenForRoom == 3)
    #expect(totals.instances == 14)
  }

  @Test("refuse series beyond the totals that there may be, and take those known before")
  func totals() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsMax = 10
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 1)
    var ingest = PushIngest(owners)
    try ingest.apply(frame(1, 6))
    try ingest.apply(frame(2, 6))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(owners.totals().totals == 10)
    #expect(Contents(aggregator).values[.counter]?["c3_total"] == 2)
    #expect(Contents(aggregator).values[.counter]?["c4_total"] == 1)
  }

  @Test("send what finds no place to the overflow series of its name, once for each total")
  func overflow() throws {
    var limits = Limits()
    limits.seriesPerNameMax = 2
    limits.overflow = .series
    let aggregator = Aggregator(limits: limits)
    var ingest = PushIngest(Owners(aggregator: aggregator))
    for sequence in 1...3 as ClosedRange<UInt64> {
      let records = (0..<4).map {
        PushedRecord("c", [("l", "\($0)")], .counter(Double(sequence) * 10))
      }
      try ingest.apply(Pushed(sequence: sequence, records: records))
    }
    let values = Contents(aggregator).values[.counter] ?? [:]
    #expect(values.values.reduce(0, +) == 120)
    #expect(values["c{weir_overflow=\"true\"}"] == 90)
  }

  @Test("make nothing of a frame of an instance that is not let in")
  func nothingMade() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.instancesMax = 1
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 1)
    var ingest = PushIngest(owners)
    try ingest.apply(frame(1))
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(2, 5)) }
    #expect(Contents(aggregator).values == [.counter: ["c0_total": 1]])
  }

  @Test("give one instance its share of the totals, and not the room of all")
  func share() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = 5
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 1)
    var ingest = PushIngest(owners)
    try ingest.apply(frame(1, 9))
    try ingest.apply(frame(2, 5))
    try ingest.apply(frame(3, 2))
    #expect(ingest.refused == [.tooManyTotals: 4])
    #expect(owners.totals().totals == 12)
    #expect(owners.totals().fullest == 5)
  }

  @Test("forget nobody for an instance that has used up its share, while there is room for all")
  func shareOfOne() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = 5
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    for instance in 1...8 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    pass(1...910, aggregator, owners)
    #expect(owners.totals().absorbed == 8)
    try ingest.apply(frame(9, 20))
    pass(911...920, aggregator, owners)
    #expect(ingest.refused == [.tooManyTotals: 15])
    #expect(owners.totals().forgottenForRoom == 0)
  }

  @Test("let no gauges come back beyond the totals that there may be")
  func gaugesThatComeBack() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsMax = 60
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    func gauges(_ instance: UInt64, _ sequence: UInt64) -> Pushed {
      Pushed(
        instance: instance, sequence: sequence,
        records: (0..<30).map { PushedRecord("g\($0)", .gauge(1, .sum)) })
    }
    for instance in 1...3 as ClosedRange<UInt64> {
      try ingest.apply(gauges(instance, 1))
      let begun = UInt32(instance - 1) * 70
      pass(begun + 1...begun + 70, aggregator, owners)
    }
    for instance in 1...3 as ClosedRange<UInt64> { try ingest.apply(gauges(instance, 2)) }
    #expect(owners.totals().totals <= 60)
    #expect(ingest.refused[.tooManyTotals] ?? 0 > 0)
  }

  private func pass(
    _ seconds: ClosedRange<UInt32>, _ aggregator: Aggregator, _ owners: Owners
  ) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
  }

  @Test("refuse what is too large, and take what is behind it in the same frame")
  func smallerBehind() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsMax = 2
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    let large = PushedRecord("h", .histogram(bounds: nil, sum: 1, buckets: [0: 1]))
    try ingest.apply(Pushed(sequence: 1, records: [large] + frame(1, 2).records))
    #expect(ingest.refused == [.tooManyTotals: 1])
    #expect(owners.totals().totals == 2)
    #expect(Contents(aggregator).histograms.isEmpty)
  }

  @Test(
    "take room for what an older instance told before as well",
    arguments: [
      PushedRecord.Value.histogram(bounds: nil, sum: 1, buckets: [0: 1]),
      .exponential(schema: 3, sum: 1, zero: 0, positive: [1: 1]),
    ])
  func baselines(_ value: PushedRecord.Value) throws {
    func apply(age: UInt64, totalsMax: Int) throws -> (refused: Int, totals: Int) {
      var limits = OwnerLimits()
      limits.totalsMax = totalsMax
      let owners = Owners(aggregator: Aggregator(), limits: limits, uptime: { 1_000 })
      var ingest = PushIngest(owners)
      try ingest.apply(
        Pushed(sequence: 1, age: age, records: [PushedRecord("h", value, time: 0)]))
      return (ingest.refused[.tooManyTotals] ?? 0, owners.totals().totals)
    }
    let once = try apply(age: 0, totalsMax: 1_000).totals
    let twice = try apply(age: 1_000_000, totalsMax: 1_000).totals
    #expect(twice > once + once / 2)
    #expect(try apply(age: 0, totalsMax: twice).refused == 0)
    #expect(try apply(age: 1_000_000, totalsMax: once) == (1, 0))
  }

  @Test("take no room for labels without a value, however many there are")
  func emptyLabels() throws {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    let records = (0..<1_000).map {
      PushedRecord("c_total", [("l\($0)", ""), ("m\($0)", "")], .counter(Double($0)))
    }
    try ingest.apply(Pushed(sequence: 1, records: records))
    #expect(owners.totals().totals == 1)
    #expect(Contents(aggregator).values == [.counter: ["c_total": 999]])
  }

  /// Some hundred buckets from `first` on.
  private func exponential(_ name: String, from first: Int, _ buckets: Int) -> PushedRecord {
    let positive = Dictionary(uniqueKeysWithValues: (first..<first + buckets).map { ($0, 1.0) })
    return PushedRecord(
      name, .exponential(schema: 8, sum: 1, zero: 0, positive: positive))
  }

  @Test("count exponential histograms by the buckets that they have")
  func exponentials() throws {
    let native = NativeOptions(schema: ExponentialSchema(8), bucketsMax: 160)
    let aggregator = Aggregator(observations: .histogram(.standard, native: native))
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    try ingest.apply(Pushed(sequence: 1, records: [exponential("few", from: 0, 1)]))
    let few = owners.totals().totals
    #expect((2...10).contains(few))
    try ingest.apply(Pushed(sequence: 2, records: [exponential("many", from: 0, 300)]))
    // 300 buckets of 12 bytes, and what lists have to spare.
    let many = owners.totals().totals - few
    #expect((73...160).contains(many))
    // 20,000 buckets are made fewer, and their memory is given back.
    try ingest.apply(Pushed(sequence: 3, records: [exponential("most", from: 0, 20_000)]))
    #expect((40...160).contains(owners.totals().totals - few - many))
    var catalog = Catalog()
    catalog.update(from: aggregator)
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        #expect(piece.native(index)?.bytesHeld ?? 0 <= 160 * 12 * 2 + 400)
      }
    }
  }

  @Test(
    "let no histogram grow beyond the room that there is, and take what it tells without growing")
  func growth() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsMax = 75
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    try ingest.apply(Pushed(sequence: 1, records: [exponential("h", from: 0, 150)]))
    #expect(ingest.refused == [:])
    try ingest.apply(Pushed(sequence: 2, records: [exponential("h", from: 5_000, 150)]))
    #expect(ingest.refused == [.tooManyTotals: 1])
    try ingest.apply(Pushed(sequence: 3, records: [exponential("h", from: 0, 150)]))
    #expect(ingest.refused == [.tooManyTotals: 1])
    #expect(owners.totals().totals <= 75)
    #expect(Contents(aggregator).histograms["h"]?.buckets.reduce(0, +) == 150)
  }

  @Test("keep room for instances that bring something, whoever sends empty frames")
  func emptyFrames() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.instancesMax = 2_000
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    for instance in 1...500 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    for instance in 1...110_000 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: 1_000 + instance, sequence: 1))
      // New ones that bring something go on to come meanwhile.
      if instance % 1_000 == 0 { try ingest.apply(frame(1_000_000 + instance)) }
    }
    #expect(owners.totals().instances == 2_000)
    #expect(owners.totals().forgottenForRoom == 0)
    #expect(owners.totals().forgottenEmpty == 110_000 + 610 - 2_000)
    // Nobody who brought something was forgotten: what is told again counts once.
    for instance in 1...500 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: instance, sequence: 2, records: frame(1).records))
    }
    #expect(Contents(aggregator).values[.counter]?["c0_total"] == 610)
  }

  @Test("make room among all instances, wherever a new one has its place")
  func acrossShards() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.instancesMax = 4
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 16)
    var ingest = PushIngest(owners)
    for instance in 1...4 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    for second in 1...906 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
    for instance in 5...8 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    #expect(owners.totals().forgottenForRoom == 4)
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(9)) }
  }

  @Test("make room for totals among those that were absorbed")
  func roomForTotals() throws {
    let aggregator = Aggregator()
    var limits = OwnerLimits()
    limits.totalsMax = 6
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 16)
    var ingest = PushIngest(owners)
    try ingest.apply(frame(1, 5))
    for second in 1...906 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
    try ingest.apply(frame(2, 3))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(owners.totals().forgottenForRoom == 0)
    owners.expire(atSecond: 907)
    #expect(owners.totals().forgottenForRoom == 1)
    try ingest.apply(Pushed(instance: 2, sequence: 2, records: frame(2, 3).records))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(owners.totals().totals == 3)
  }

  @Test("get back all that was taken when instances are forgotten, whatever they had told")
  func givenBack() throws {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    for instance in 1...20 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(
          instance: instance, sequence: 1,
          records: frame(1).records + [
            PushedRecord("g", .gauge(1, .sum)), PushedRecord("n", .gaugeAdd(1, .sum)),
            PushedRecord("h", .histogram(bounds: [1, 2], sum: 1, buckets: [0: 1])),
            exponential("e", from: 0, 90), PushedRecord("s", .members([1])),
          ]))
    }
    // A counter, two gauges of which one is changed, a histogram and an exponential one, and a set.
    #expect((600...2_000).contains(owners.totals().totals))
    for second in [61, 65, 69, 73] as [UInt32] { owners.expire(atSecond: second) }
    #expect(owners.totals().totals < 1_500)
    for second in 86_400...86_410 as ClosedRange<UInt32> { owners.expire(atSecond: second) }
    #expect(owners.totals().totals == 0)
    #expect(owners.totals().instances == 0)
  }
}
