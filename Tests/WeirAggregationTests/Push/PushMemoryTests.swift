import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("The memory of pushed values")
struct PushMemoryTests {
  private func gauges(_ instance: UInt64, _ sequence: UInt64, _ names: [String]) -> Pushed {
    Pushed(
      instance: instance, sequence: sequence,
      records: names.map { PushedRecord($0, .gauge(Double(instance), .sum)) })
  }

  private func placesHeld(_ aggregator: Aggregator) -> Int {
    aggregator.sum(.gauge) { $0.gauges.placesHeld }
  }

  @Test("is given back when most owners of a gauge have ended, whichever stay")
  func members() throws {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    let all = 1...20_000 as ClosedRange<UInt64>
    let staying: Set<UInt64> = [1, 9_999, 19_998, 19_999, 20_000]
    for instance in all { try ingest.apply(gauges(instance, 1, ["g"])) }
    #expect(placesHeld(aggregator) >= 20_000)
    for instance in all where !staying.contains(instance) {
      try ingest.apply(Pushed(instance: instance, sequence: 2, isFinal: true))
    }
    owners.mergeGauges()
    // Those that stay repeat their values.
    for sequence in 3...4 as ClosedRange<UInt64> {
      for instance in staying { try ingest.apply(gauges(instance, sequence, ["g"])) }
    }
    owners.mergeGauges()
    #expect(placesHeld(aggregator) < 200)
    #expect(Contents(aggregator).values == [.gauge: ["g": Double(staying.reduce(0, +))]])
    // New values then find their place.
    for instance in 1...300 as ClosedRange<UInt64> {
      try ingest.apply(gauges(instance + 50_000, 1, ["g"]))
    }
    owners.mergeGauges()
    let others = (1...300 as ClosedRange<UInt64>).reduce(0) { $0 + $1 + 50_000 }
    #expect(
      Contents(aggregator).values == [.gauge: ["g": Double(staying.reduce(0, +) + others)]])
  }

  @Test(
    "is given back when gauges of many names are removed, including their names, although none expires"
  )
  func groups() throws {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    for instance in 1...200 as ClosedRange<UInt64> {
      try ingest.apply(gauges(instance, 1, (0..<100).map { "gauge_\(instance)_\($0)" }))
    }
    func blocks() -> Int {
      aggregator.sum(.gauge) { $0.series.names.blocksHeld }
    }
    let before = (places: placesHeld(aggregator), blocks: blocks())
    #expect(before.places >= 20_000)
    // Every hundredth name stays, so that each block keeps some names.
    for instance in 1...200 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(
          instance: instance, sequence: 2,
          records: (1..<100).map {
            PushedRecord("gauge_\(instance)_\($0)", .gauge(.nan, .sum))
          }))
    }
    owners.mergeGauges()
    for second in 1...70 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).values[.gauge]?.count == 200)
    #expect(blocks() <= aggregator.shards.count * 2)
    for instance in 1...200 as ClosedRange<UInt64> {
      try ingest.apply(Pushed(instance: instance, sequence: 3, isFinal: true))
    }
    owners.mergeGauges()
    #expect(placesHeld(aggregator) < before.places / 10)
    #expect(Contents(aggregator) == Contents())
  }

  @Test("agrees with a plain list of gauges, whatever is added and removed", arguments: 0..<10)
  func agreesWithList(seed: Int) throws {
    var random = SystemRandomNumberGenerator()
    let aggregator = Aggregator(shards: 1)
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    var sequences: [UInt64: UInt64] = [:]
    var values: [String: [UInt64: Double]] = [:]
    for round in 0..<60 {
      // Periods in which many are added, and periods in which most are removed.
      let isGrowing = round % 20 < 8
      for _ in 0..<60 {
        let instance = UInt64.random(in: 1...400, using: &random)
        let name = "g\(Int.random(in: 0..<3, using: &random))"
        sequences[instance, default: 0] += 1
        let isSet = Double.random(in: 0..<1, using: &random) < (isGrowing ? 0.95 : 0.3)
        let value = Double(Int.random(in: 0..<100, using: &random))
        values[name, default: [:]][instance] = isSet ? value : nil
        let record = PushedRecord(name, .gauge(isSet ? value : .nan, .sum))
        try ingest.apply(
          Pushed(instance: instance, sequence: sequences[instance] ?? 0, records: [record]))
      }
      owners.mergeGauges()
      let expected = values.filter { !$0.value.isEmpty }.mapValues { $0.values.reduce(0, +) }
      #expect(Contents(aggregator).values[.gauge] ?? [:] == expected)
    }
  }
}
