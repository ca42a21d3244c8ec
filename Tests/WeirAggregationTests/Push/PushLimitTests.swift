import Testing
import WeirMetrics

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
}
