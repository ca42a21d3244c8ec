import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Owners of pushed totals")
struct PushOwnerTests {
  private let server = PushServer()

  @Test("count once when another of their shard is forgotten")
  func neighbours() throws {
    let server = PushServer(shards: 1)
    var ingest = PushIngest(server.owners)
    func told(_ instance: UInt64, _ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(
        instance: instance, sequence: sequence, records: [PushedRecord("c_total", .counter(total))])
    }
    let day: UInt32 = 24 * 60 * 60
    for instance in 1...4 as ClosedRange<UInt64> { try ingest.apply(told(instance, 1, 10)) }
    server.pass(1...10)
    for instance in 2...4 as ClosedRange<UInt64> { try ingest.apply(told(instance, 2, 11)) }
    server.pass(day...day + 8)
    #expect(server.owners.totals().forgottenByAge == 1)
    #expect(server.owners.totals().instances == 3)
    for instance in (2...4 as ClosedRange<UInt64>).reversed() {
      try ingest.apply(told(instance, 3, 12))
    }
    #expect(server.counter() == 46)
    #expect(server.owners.totals().instances == 3)
  }

  @Test("add up fractions exactly, in any number of steps")
  func fractions() throws {
    var ingest = PushIngest(server.owners)
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
      #expect(server.counter() == total)
      #expect(server.contents.histograms["h"]?.sum == total)
    }
    // A large total in one step, and small ones added to it.
    try ingest.apply(Pushed(sequence: 1_001, records: [PushedRecord("c_total", .counter(1e15))]))
    total = 1e15
    for sequence in 1_002...1_100 as ClosedRange<UInt64> {
      total += 0.125
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(total))]))
    }
    #expect(server.counter() == total)
  }

  @Test("add up the rounding errors of differences of totals")
  func roundedSteps() throws {
    var ingest = PushIngest(server.owners)
    // 1e16 - 0.75 is 1e16: without the rest it would be 75 too many, of which 128 are shown.
    for (sequence, total) in [(1, 0.75), (2, 1e16)] {
      for instance in 1...100 as ClosedRange<UInt64> {
        try ingest.apply(
          Pushed(
            instance: instance, sequence: UInt64(sequence),
            records: [PushedRecord("c_total", .counter(total))]))
      }
    }
    #expect(server.counter() == 1e18)
  }

  @Test("are retired after a while, and add only what they gained when they come back")
  func retired() throws {
    var ingest = PushIngest(server.owners)
    func counter(_ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(total))])
    }
    try ingest.apply(counter(1, 10))
    server.pass(1...910)
    #expect(server.owners.totals().retired == 1)
    #expect(server.owners.totals().live == 0)
    #expect(server.counter() == 10)
    // A late frame, sent before.
    try ingest.apply(counter(1, 10))
    #expect(server.owners.totals().returned == 0)
    #expect(server.counter() == 10)
    try ingest.apply(counter(2, 14))
    #expect(server.owners.totals().returned == 1)
    #expect(server.counter() == 14)
  }

  @Test("are forgotten after a day")
  func forgotten() throws {
    var ingest = PushIngest(server.owners)
    let frame = Pushed(sequence: 1, records: [PushedRecord("c_total", .counter(10))])
    try ingest.apply(frame)
    let day: UInt32 = 24 * 60 * 60
    server.pass(day - 5...day)
    #expect(server.owners.totals().instances == 1)
    server.pass(day + 1...day + 8)
    #expect(server.owners.totals().instances == 0)
    #expect(server.owners.totals().forgottenByAge == 1)
    #expect(server.counter() == 10)
  }

  @Test("count missing frames as lost when they are retired, and not again when they are forgotten")
  func lostOnce() throws {
    var ingest = PushIngest(server.owners)
    for sequence in [1, 3] as [UInt64] {
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(1))]))
    }
    server.pass(1...910)
    #expect(server.owners.totals().retired == 1)
    #expect(server.owners.totals().lost == 1)
    let day: UInt32 = 24 * 60 * 60
    server.pass(day...day + 8)
    #expect(server.owners.totals().forgottenByAge == 1)
    #expect(server.owners.totals().lost == 1)
  }

  @Test("keep a series alive by repeating its total")
  func repeated() throws {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 10
    let server = PushServer(Aggregator(rules: .all(lifetimes: lifetimes)))
    var ingest = PushIngest(server.owners)
    for sequence in 1...6 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(sequence: sequence, records: [PushedRecord("c_total", .counter(10))]))
      let now = UInt32(sequence) * 8
      server.pass(now - 7...now)
    }
    #expect(server.contents.values == [.counter: ["c_total": 10]])
  }

  @Test("refuse a signed frame that is too old to be known, and change nothing by one seen before")
  func replays() throws {
    var ingest = PushIngest(server.owners)
    func frame(_ sequence: UInt64, _ total: Double) -> Pushed {
      Pushed(
        sequence: sequence, isSigned: true, records: [PushedRecord("c_total", .counter(total))])
    }
    #expect(try ingest.apply(frame(2_000, 5)) == .applied)
    #expect(try ingest.apply(frame(2_000, 9)) == .seenBefore)
    #expect(try ingest.apply(frame(1_999, 6)) == .applied)
    #expect(throws: PushRefusal.replayed) { try ingest.apply(frame(976, 9)) }
    #expect(server.counter() == 6)
  }
}
