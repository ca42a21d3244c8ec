import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Gauges that text sets at a forwarder")
struct PushTextGaugeTests {
  private let server = PushServer()

  /// A frame with one record of the gauge `g`.
  private func frame(
    _ instance: UInt64, _ sequence: UInt64, settings: UInt64, _ value: Double = 0,
    changes: Double = 0, age: UInt64 = 0, began: Int64? = nil
  ) -> Pushed {
    let record = PushedRecord.Value.textGauge(settings: settings, value, changes: changes)
    return Pushed(
      instance: instance, sequence: sequence, age: age, isForwarder: true,
      records: [PushedRecord("g", record, time: began)])
  }

  @Test("have the value of the last setting plus the changes since then")
  func asText() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 1, settings: 1, 5))
    #expect(server.gauge() == 5)
    try ingest.apply(frame(1, 2, settings: 1, 5, changes: 3))
    #expect(server.gauge() == 8)
    try ingest.apply(frame(1, 3, settings: 4, -2, changes: 0.5))
    #expect(server.gauge() == -1.5)
    try ingest.apply(frame(1, 4, settings: 4, -2, changes: -1))
    #expect(server.gauge() == -3)
  }

  @Test("begin at 0 if they were only changed, even by nothing", arguments: [0, 3, -2.5])
  func onlyChanged(changes: Double) throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 1, settings: 0, changes: changes))
    #expect(server.gauge() == changes)
  }

  @Test("ignore a value that was never set")
  func valueOfNoSetting() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 1, settings: 0, 99, changes: 2))
    #expect(server.gauge() == 2)
  }

  @Test("do not change by a repeat, a duplicate or an older frame")
  func repeats() throws {
    var ingest = PushIngest(server.owners)
    let old = frame(1, 1, settings: 2, 5, changes: 1)
    let new = frame(1, 3, settings: 2, 5, changes: 4)
    for pushed in [
      old, old, new, old, new, frame(1, 2, settings: 9, 100),
      frame(1, 4, settings: 2, 5, changes: 4),
    ] {
      try ingest.apply(pushed)
    }
    #expect(server.gauge() == 9)
    // Another one sets it; a repeat of the first does not take that back.
    try ingest.apply(frame(2, 1, settings: 1, 50))
    try ingest.apply(frame(1, 5, settings: 2, 5, changes: 4))
    #expect(server.gauge() == 50)
    try ingest.apply(frame(1, 6, settings: 2, 5, changes: 3))
    #expect(server.gauge() == 49)
  }

  @Test("ignore a newer frame with fewer settings")
  func fewerSettings() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, 1, settings: 5, 7))
    try ingest.apply(frame(1, 2, settings: 4, 1, changes: 3))
    #expect(server.gauge() == 7)
    try ingest.apply(frame(1, 3, settings: 5, 7, changes: 1))
    #expect(server.gauge() == 8)
  }

  @Test("add the changes of several forwarders, in either order of arrival")
  func severalForwarders() throws {
    for order in [[0, 1], [1, 0]] {
      let server = PushServer()
      var ingest = PushIngest(server.owners)
      let frames = [frame(1, 1, settings: 0, changes: 3), frame(2, 1, settings: 0, changes: -1)]
      for place in order { try ingest.apply(frames[place]) }
      #expect(server.gauge() == 2)
    }
  }

  @Test("saturate at the greatest doubles")
  func huge() throws {
    var ingest = PushIngest(server.owners)
    let most = Double.greatestFiniteMagnitude
    try ingest.apply(frame(1, 1, settings: 1, most, changes: most))
    #expect(server.gauge() == most)
    try ingest.apply(frame(1, 2, settings: 1, most, changes: -most))
    #expect(server.gauge() == 0)
    try ingest.apply(frame(2, 1, settings: 0, changes: -most))
    try ingest.apply(frame(2, 2, settings: 0, changes: -most))
    #expect(server.gauge() == -most)
  }

  @Test("take part like text in a gauge that instances push: what arrived last is shown")
  func mixedWithPushed() throws {
    var ingest = PushIngest(server.owners)
    func push(_ sequence: UInt64, _ value: Double) -> Pushed {
      Pushed(instance: 7, sequence: sequence, records: [PushedRecord("g", .gauge(value, .sum))])
    }
    try ingest.apply(push(1, 10))
    #expect(server.gauge() == 10)
    try ingest.apply(frame(1, 1, settings: 0, changes: 2))
    #expect(server.gauge() == 12)
    try ingest.apply(frame(1, 2, settings: 1, 4))
    #expect(server.gauge() == 4)
    // The text's value is no member of the sum.
    try ingest.apply(push(2, 11))
    #expect(server.gauge() == 11)
    try ingest.apply(frame(1, 3, settings: 1, 4, changes: 1))
    #expect(server.gauge() == 12)
    // The pushed value leaves with its owner, and text came in the same second as it.
    var last = push(3, 20)
    last.isFinal = true
    server.pass(1...1)
    try ingest.apply(last)
    server.pass(2...2)
    #expect(server.gauge() == nil)
    try ingest.apply(frame(1, 4, settings: 1, 4, changes: 6))
    #expect(server.gauge() == 5)
  }

  @Test("stay when their forwarder ends, falls silent, is retired and comes back")
  func ends() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(2, 1, settings: 1, 6))
    var last = frame(1, 1, settings: 1, 5, changes: 1)
    last.isFinal = true
    try ingest.apply(last)
    #expect(server.gauge() == 6)
    server.pass(1...1_000)
    #expect(server.owners.totals().live == 0)
    #expect(server.gauge() == 6)
    try ingest.apply(frame(2, 2, settings: 1, 6))
    #expect(server.gauge() == 6)
    try ingest.apply(frame(2, 3, settings: 1, 6, changes: 2))
    #expect(server.gauge() == 8)
  }
}

@Suite("Gauges that text sets at a forwarder, over time")
struct PushTextGaugeLifetimeTests {
  private func frame(
    _ sequence: UInt64, settings: UInt64, _ value: Double = 0, changes: Double = 0,
    age: UInt64 = 0, began: Int64? = nil, instance: UInt64 = 1
  ) -> Pushed {
    let record = PushedRecord.Value.textGauge(settings: settings, value, changes: changes)
    return Pushed(
      instance: instance, sequence: sequence, age: age, isForwarder: true,
      records: [PushedRecord("g", record, time: began)])
  }

  private func server(lifetime: UInt32) -> PushServer {
    var lifetimes = SeriesLifetimes()
    lifetimes[.gauge] = lifetime
    return PushServer(Aggregator(rules: .all(lifetimes: lifetimes)))
  }

  @Test("expire like gauges of text: repeats neither keep them nor bring them back")
  func expiry() throws {
    let server = server(lifetime: 20)
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, settings: 1, 5, changes: 2))
    for second in 1...30 as ClosedRange<UInt32> {
      try ingest.apply(frame(UInt64(second) + 1, settings: 1, 5, changes: 2))
      server.pass(second...second)
    }
    #expect(server.gauge() == nil)
    // `+3|g` on a series that is gone begins at 0.
    try ingest.apply(frame(40, settings: 1, 5, changes: 5))
    #expect(server.gauge() == 3)
    server.pass(31...60)
    #expect(server.gauge() == nil)
    try ingest.apply(frame(41, settings: 2, 5, changes: 5))
    #expect(server.gauge() == 10)
  }

  @Test("are kept by settings to the same value and by changes")
  func keptByNews() throws {
    let server = server(lifetime: 20)
    var ingest = PushIngest(server.owners)
    for second in 1...60 as ClosedRange<UInt32> {
      try ingest.apply(frame(UInt64(second), settings: UInt64(second), 5))
      server.pass(second...second)
    }
    #expect(server.gauge() == 5)
    for second in 61...120 as ClosedRange<UInt32> {
      try ingest.apply(frame(UInt64(second), settings: 60, 5, changes: Double(second)))
      server.pass(second...second)
    }
    #expect(server.gauge() == 125)
  }

  @Test("count from 0 again if the forwarder has made the series again")
  func madeAgain() throws {
    let server = server(lifetime: 0)
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, settings: 9, 5, changes: 2, began: 0))
    try ingest.apply(frame(2, settings: 0, changes: 3, began: 60_000))
    #expect(server.gauge() == 10)
    try ingest.apply(frame(3, settings: 0, changes: 4, began: 60_000))
    #expect(server.gauge() == 11)
    try ingest.apply(frame(4, settings: 1, 8, began: 90_000))
    #expect(server.gauge() == 8)
    // Late, with the numbers of the series before.
    try ingest.apply(frame(2, settings: 9, 5, changes: 9, began: 0))
    #expect(server.gauge() == 8)
    // Made again, and set to the same value.
    try ingest.apply(frame(5, settings: 0, changes: 1, began: 90_500, instance: 2))
    try ingest.apply(frame(6, settings: 1, 8, began: 99_000))
    #expect(server.gauge() == 8)
  }

  @Test(
    "of older forwarders: a setting is taken, and changes alone are a baseline",
    arguments: [
      (settings: 0, began: nil, first: 0.0, second: 2.0),
      (settings: 0, began: 0, first: 0, second: 2),
      // The series began after this Weir's memory.
      (settings: 0, began: 990_000, first: 7, second: 9),
      (settings: 3, began: nil, first: 107, second: 109),
      (settings: 3, began: 0, first: 107, second: 109),
    ] as [(settings: UInt64, began: Int64?, first: Double, second: Double)])
  func older(_ row: (settings: UInt64, began: Int64?, first: Double, second: Double)) throws {
    let server = PushServer(atSecond: 100)
    var ingest = PushIngest(server.owners)
    func frame(_ sequence: UInt64, _ changes: Double) -> Pushed {
      self.frame(
        sequence, settings: row.settings, 100, changes: changes, age: 1_000_000, began: row.began)
    }
    try ingest.apply(frame(70, 7))
    #expect(server.gauge() == row.first)
    try ingest.apply(frame(71, 9))
    #expect(server.gauge() == row.second)
  }

  @Test("of an older forwarder do not lower what others have set here")
  func baselineOfKnownGauge() throws {
    let server = PushServer(atSecond: 100)
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, settings: 1, 50, instance: 2))
    try ingest.apply(frame(9, settings: 0, changes: -7, age: 1_000_000))
    #expect(server.gauge() == 50)
  }
}
