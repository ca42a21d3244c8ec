import Testing
import WeirBytes
import WeirMetrics
import WeirPush
import WeirWire

@testable import WeirAggregation

@Suite("Settings of gauges")
struct GaugeSettingTests {
  private func settings(_ count: UInt64, _ value: Double, _ changes: Double) -> GaugeSettings {
    var settings = GaugeSettings()
    settings.count = count
    settings.value = value
    settings.changes = CompensatedSum(sum: changes)
    return settings
  }

  @Test(
    "are how often text has set the gauge, to what, and by how much it changed since",
    arguments: [
      (["g:5|g"], 1, 5, 0), (["g:5:7|g"], 2, 7, 0), (["g:+3|g"], 0, 0, 3),
      (["g:+3|g", "g:-1|g"], 0, 0, 2), (["g:+3:+4|g"], 0, 0, 7),
      (["g:5|g", "g:+3|g"], 1, 5, 3), (["g:5|g", "g:+3|g", "g:2|g"], 2, 2, 0),
      (["g:5|g", "g:5|g"], 2, 5, 0), (["g:-4|g"], 0, 0, -4), (["g:+0|g"], 0, 0, 0),
    ] as [([String], UInt64, Double, Double)])
  func lines(lines: [String], count: UInt64, value: Double, changes: Double) throws {
    let aggregator = Aggregator(countsGaugeSettings: true)
    var ingest = Ingest(aggregator)
    for line in lines { ingest.apply(line) }
    #expect(aggregator.gaugeSettings == ["g": settings(count, value, changes)])
    #expect(Contents(aggregator).values == [.gauge: ["g": value + changes]])
  }

  @Test("follow the sign only where it means a change")
  func gaugeSign() throws {
    let aggregator = Aggregator(countsGaugeSettings: true)
    var options = StatsDOptions()
    options.gaugeSign = .absolute
    let decoder = StatsDDecoder(options: options)
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array("g:-4|g\ng:+6|g".utf8)
    decoder.decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    #expect(aggregator.gaugeSettings == ["g": settings(2, 6, 0)])
  }

  @Test("are exact for many small changes of a large gauge")
  func compensated() throws {
    let aggregator = Aggregator(countsGaugeSettings: true)
    var ingest = Ingest(aggregator)
    ingest.apply("g:1|g", "g:+9007199254740992|g")
    for _ in 0..<10 { ingest.apply("g:+1|g") }
    ingest.apply("g:-9007199254740992|g")
    #expect(aggregator.gaugeSettings["g"]?.changes.value == 10)
  }

  @Test("are not kept unless they are asked for, and not of other kinds")
  func off() throws {
    let off = Aggregator()
    var ingest = Ingest(off)
    ingest.apply("g:5|g", "h:1|h", "c:1|c", "s:a|s")
    #expect(off.gaugeSettings.isEmpty)
    let on = Aggregator(
      rules: .all(observer: .native(NativeOptions(), keepsBuckets: true)),
      countsGaugeSettings: true)
    var second = Ingest(on)
    second.apply("g:5|g", "h:1|h", "h:2|h", "c:1|c", "s:a|s")
    #expect(on.gaugeSettings == ["g": settings(1, 5, 0)])
    #expect(on.native("h")?.count == 2)
  }

  @Test("begin again with a new series")
  func expiry() throws {
    var lifetimes = SeriesLifetimes()
    lifetimes[.gauge] = 10
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes), countsGaugeSettings: true)
    var ingest = Ingest(aggregator)
    ingest.apply("g:5|g", "h:6|g", "g:7|g")
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(aggregator.gaugeSettings.isEmpty)
    ingest.apply("h:+2|g")
    #expect(aggregator.gaugeSettings == ["h": settings(0, 0, 2)])
  }

  @Test("say nothing of a gauge that only instances push")
  func pushed() throws {
    let server = PushServer(Aggregator(countsGaugeSettings: true))
    var ingest = PushIngest(server.owners)
    try ingest.apply(Pushed(sequence: 1, records: [PushedRecord("g", .gauge(5, .last))]))
    #expect(server.gauge() == 5)
    let settings = try #require(server.aggregator.gaugeSettings["g"])
    #expect(!settings.hasText && settings.count == 0)
  }

  @Test("go on through two levels of forwarders")
  func twoLevels() throws {
    let middle = PushServer(Aggregator(countsGaugeSettings: true))
    var ingest = PushIngest(middle.owners)
    var text = Ingest(middle.aggregator)
    func frame(_ sequence: UInt64, _ settings: UInt64, _ value: Double, _ changes: Double) -> Pushed
    {
      Pushed(
        sequence: sequence, isForwarder: true,
        records: [PushedRecord("g", .textGauge(settings: settings, value, changes: changes))])
    }
    try ingest.apply(frame(1, 0, 0, 3))
    #expect(middle.aggregator.gaugeSettings == ["g": settings(0, 0, 3)])
    text.apply("g:-1|g")
    try ingest.apply(frame(2, 0, 0, 5))
    #expect(middle.aggregator.gaugeSettings == ["g": settings(0, 0, 4)])
    // Three settings and a change at the sender are one setting and a change here.
    try ingest.apply(frame(3, 3, 10, -2))
    try ingest.apply(frame(4, 3, 10, -2))
    #expect(middle.aggregator.gaugeSettings == ["g": settings(1, 10, -2)])
    text.apply("g:7|g")
    try ingest.apply(frame(5, 3, 10, -4))
    #expect(middle.aggregator.gaugeSettings == ["g": settings(2, 7, -2)])
    #expect(middle.gauge() == 5)
  }
}
