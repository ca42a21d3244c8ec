import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Gauges of several owners")
struct PushOwnerGaugeTests {
  private let server = PushServer()

  private func gauge(
    _ instance: UInt64, _ sequence: UInt64, _ value: Double, _ merge: GaugeMerge, age: UInt64 = 0,
    isFinal: Bool = false
  ) -> Pushed {
    Pushed(
      instance: instance, sequence: sequence, age: age, isFinal: isFinal,
      records: [PushedRecord("g", .gauge(value, merge))])
  }

  @Test(
    "are merged as their records ask",
    arguments: [
      (GaugeMerge.last, 3.0), (.sum, 14.0), (.min, 3.0), (.max, 7.0), (.avg, 14.0 / 3),
    ])
  func gaugeMerges(merge: GaugeMerge, expected: Double) throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(gauge(1, 1, 7, merge, age: 10))
    try ingest.apply(gauge(2, 1, 3, merge, age: 30))
    try ingest.apply(gauge(3, 1, 4, merge, age: 20))
    #expect(server.gauge() == expected)
  }

  @Test("have the value of the newest frame that set it, however late an older one arrives")
  func lateGauge() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(gauge(1, 2, 20, .sum))
    try ingest.apply(gauge(1, 1, 10, .sum))
    #expect(server.gauge() == 20)
  }

  @Test("apply a change once, and not if the gauge was set since")
  func gaugeAdd() throws {
    var ingest = PushIngest(server.owners)
    func add(_ sequence: UInt64) -> Pushed {
      Pushed(sequence: sequence, records: [PushedRecord("g", .gaugeAdd(5, .last))])
    }
    try ingest.apply(add(1))
    try ingest.apply(add(1))
    #expect(server.gauge() == 5)
    try ingest.apply(gauge(1, 3, 100, .last))
    try ingest.apply(add(2))
    try ingest.apply(add(4))
    #expect(server.gauge() == 105)
  }

  @Test("are removed by the value NaN, and the series with the last of them")
  func removedGauge() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(gauge(1, 1, 1, .sum))
    try ingest.apply(gauge(2, 1, 2, .sum))
    try ingest.apply(gauge(1, 2, .nan, .sum))
    #expect(server.gauge() == 2)
    try ingest.apply(gauge(2, 2, .nan, .sum))
    #expect(server.gauge() == nil)
    try ingest.apply(gauge(2, 3, 9, .sum))
    #expect(server.gauge() == 9)
  }

  @Test("are removed when their instance ends, and none that was sent before comes back")
  func finalFrame() throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(gauge(1, 1, 1, .sum))
    try ingest.apply(gauge(2, 1, 2, .sum))
    // It has no gauge: what arrives late is older than the end, not than another value.
    try ingest.apply(Pushed(instance: 1, sequence: 3, isFinal: true))
    #expect(server.gauge() == 2)
    try ingest.apply(gauge(1, 2, 4, .sum))
    #expect(server.gauge() == 2)
    // A gauge that the last frame itself sets leaves too.
    try ingest.apply(gauge(2, 2, 2, .sum, isFinal: true))
    #expect(server.gauge() == nil)
    try ingest.apply(gauge(3, 1, 6, .sum))
    try ingest.apply(gauge(1, 1, 1, .sum))
    #expect(server.gauge() == 6)
  }

  @Test("have the mean of those that are left when one ends")
  func meanOfTheRest() throws {
    var ingest = PushIngest(server.owners)
    for (instance, value) in [(1, 7.0), (2, 3), (3, 5)] {
      try ingest.apply(gauge(UInt64(instance), 1, value, .avg))
    }
    #expect(server.gauge() == 5)
    try ingest.apply(Pushed(instance: 1, sequence: 2, isFinal: true))
    #expect(server.gauge() == 4)
  }

  @Test("that two set in the same millisecond have one value, whichever arrives first")
  func sameMillisecond() throws {
    var shown: [Double?] = []
    for order in [[1, 2], [2, 1]] as [[UInt64]] {
      let server = PushServer()
      var ingest = PushIngest(server.owners)
      for instance in order { try ingest.apply(gauge(instance, 1, Double(instance) * 10, .last)) }
      shown.append(server.gauge())
    }
    #expect(shown == [20, 20])
  }

  @Test("are removed when their instance has been silent for the gauges' time, and counts stay")
  func silence() throws {
    var ingest = PushIngest(server.owners)
    var both = gauge(1, 1, 1, .sum)
    both.records.append(PushedRecord("c_total", .counter(10)))
    try ingest.apply(both)
    server.pass(1...60)
    try ingest.apply(gauge(2, 1, 2, .sum))
    #expect(server.gauge() == 3)
    server.pass(61...70)
    #expect(server.gauge() == 2)
    #expect(server.counter() == 10)
    // Another gauge of the same owner comes back with its next frame.
    try ingest.apply(gauge(1, 2, 7, .sum))
    #expect(server.gauge() == 9)
  }
}
