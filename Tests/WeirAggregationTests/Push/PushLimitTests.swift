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

  @Test("refuse instances above the limit until some have been silent long enough")
  func instances() throws {
    let server = PushServer(shards: 1) { $0.instancesMax = 16 }
    var ingest = PushIngest(server.owners)
    for instance in 1...16 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(17)) }
    server.pass(1...906)
    // The three that have been silent for longest make room; all are equally old.
    try ingest.apply(frame(17))
    let totals = server.owners.totals()
    #expect(totals.forgottenForRoom == 3)
    #expect(totals.instances == 14)
  }

  @Test("refuse series above the limit on totals, and take known ones")
  func totals() throws {
    let server = PushServer(shards: 1) { $0.totalsMax = 10 }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 6))
    try ingest.apply(frame(2, 6))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(server.owners.totals().totals == 10)
    #expect(server.contents.values[.counter]?["c3_total"] == 2)
    #expect(server.contents.values[.counter]?["c4_total"] == 1)
  }

  @Test("send what exceeds them to the overflow series of its name, once for each total")
  func overflow() throws {
    var limits = SeriesLimits()
    limits.seriesPerNameMax = 2
    limits.overflow = .series
    let server = PushServer(Aggregator(limits: limits))
    var ingest = PushIngest(server.owners)
    for sequence in 1...3 as ClosedRange<UInt64> {
      let records = (0..<4).map {
        PushedRecord("c", [("l", "\($0)")], .counter(Double(sequence) * 10))
      }
      try ingest.apply(Pushed(sequence: sequence, records: records))
    }
    let values = server.contents.values[.counter] ?? [:]
    #expect(values.values.reduce(0, +) == 120)
    #expect(values["c{weir_overflow=\"true\"}"] == 90)
  }

  @Test("take nothing from a frame of an instance that is refused")
  func nothingMade() throws {
    let server = PushServer(shards: 1) { $0.instancesMax = 1 }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1))
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(2, 5)) }
    #expect(server.contents.values == [.counter: ["c0_total": 1]])
  }

  @Test("hold one instance to its own limit on totals")
  func share() throws {
    let server = PushServer(shards: 1) { $0.totalsPerInstanceMax = 5 }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 9))
    try ingest.apply(frame(2, 5))
    try ingest.apply(frame(3, 2))
    #expect(ingest.refused == [.tooManyTotals: 4])
    #expect(server.owners.totals().totals == 12)
    #expect(server.owners.totals().fullest == 5)
  }

  @Test("forget no instance because another has reached its own limit")
  func shareOfOne() throws {
    let server = PushServer { $0.totalsPerInstanceMax = 5 }
    var ingest = PushIngest(server.owners)
    for instance in 1...8 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    server.pass(1...910)
    #expect(server.owners.totals().retired == 8)
    try ingest.apply(frame(9, 20))
    server.pass(911...920)
    #expect(ingest.refused == [.tooManyTotals: 15])
    #expect(server.owners.totals().forgottenForRoom == 0)
  }

  @Test("refuse gauges that come back above the limit on totals")
  func gaugesThatComeBack() throws {
    let server = PushServer { $0.totalsMax = 60 }
    var ingest = PushIngest(server.owners)
    func gauges(_ instance: UInt64, _ sequence: UInt64) -> Pushed {
      Pushed(
        instance: instance, sequence: sequence,
        records: (0..<30).map { PushedRecord("g\($0)", .gauge(1, .sum)) })
    }
    for instance in 1...3 as ClosedRange<UInt64> {
      try ingest.apply(gauges(instance, 1))
      let begun = UInt32(instance - 1) * 70
      server.pass(begun + 1...begun + 70)
    }
    for instance in 1...3 as ClosedRange<UInt64> { try ingest.apply(gauges(instance, 2)) }
    #expect(server.owners.totals().totals <= 60)
    #expect(ingest.refused[.tooManyTotals] ?? 0 > 0)
  }

  @Test("refuse what is too large, and take what follows in the same frame")
  func smallerBehind() throws {
    let server = PushServer { $0.totalsMax = 2 }
    var ingest = PushIngest(server.owners)
    let large = PushedRecord("h", .histogram(bounds: nil, sum: 1, buckets: [0: 1]))
    try ingest.apply(Pushed(sequence: 1, records: [large] + frame(1, 2).records))
    #expect(ingest.refused == [.tooManyTotals: 1])
    #expect(server.owners.totals().totals == 2)
    #expect(server.contents.histograms.isEmpty)
  }

  @Test("keep room for instances that send totals, however many send empty frames")
  func emptyFrames() throws {
    let server = PushServer { $0.instancesMax = 2_000 }
    var ingest = PushIngest(server.owners)
    for instance in 1...500 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    for instance in 1...110_000 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: 1_000 + instance, sequence: 1))
      // New instances with totals arrive meanwhile.
      if instance % 1_000 == 0 { try ingest.apply(frame(1_000_000 + instance)) }
    }
    #expect(server.owners.totals().instances == 2_000)
    #expect(server.owners.totals().forgottenForRoom == 0)
    #expect(server.owners.totals().forgottenEmpty == 110_000 + 610 - 2_000)
    // No instance with totals was forgotten: totals that are sent again count once.
    for instance in 1...500 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: instance, sequence: 2, records: frame(1).records))
    }
    #expect(server.contents.values[.counter]?["c0_total"] == 610)
  }

  @Test("make room among all instances, whatever shard a new one belongs to")
  func acrossShards() throws {
    let server = PushServer { $0.instancesMax = 4 }
    var ingest = PushIngest(server.owners)
    for instance in 1...4 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    server.pass(1...906)
    for instance in 5...8 as ClosedRange<UInt64> { try ingest.apply(frame(instance)) }
    #expect(server.owners.totals().forgottenForRoom == 4)
    #expect(throws: PushRefusal.tooManyInstances) { try ingest.apply(frame(9)) }
  }

  @Test("make room for totals among retired instances")
  func roomForTotals() throws {
    let server = PushServer { $0.totalsMax = 6 }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 5))
    server.pass(1...906)
    try ingest.apply(frame(2, 3))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(server.owners.totals().forgottenForRoom == 0)
    server.owners.expire(atSecond: 907)
    #expect(server.owners.totals().forgottenForRoom == 1)
    try ingest.apply(Pushed(instance: 2, sequence: 2, records: frame(2, 3).records))
    #expect(ingest.refused == [.tooManyTotals: 2])
    #expect(server.owners.totals().totals == 3)
  }
}
