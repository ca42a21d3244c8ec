import Testing
import WeirBytes
import WeirMetrics
import WeirPush
import WeirWire

@testable import WeirAggregation

@Suite("Settings of gauges")
struct GaugeSettingTests {
  /// The settings of all gauges by their spelling, as forwarding reads them.
  private func read(_ aggregator: Aggregator) -> [String: GaugeSettings] {
    var settings: [String: GaugeSettings] = [:]
    for shard in aggregator.shards {
      let copies = shard.state.withLock { state -> [RowCopy] in
        var copies: [RowCopy] = []
        for index in state.tables.indices where state.tables[ClassID(index)].kind == .gauge {
          var copy = RowCopy()
          copy.begin(width: state.tables[ClassID(index)].series.rows.width)
          var seen: [UInt32] = []
          state.tables[ClassID(index)].copyRows(
            0..<1_000, .all, notesSaved: false, seen: &seen, into: &copy)
          copies.append(copy)
        }
        return copies
      }
      for copy in copies {
        #expect(copy.settings.isEmpty || copy.settings.count == copy.rows.count)
        for place in copy.settings.indices {
          settings[String(decoding: copy.spelling(place), as: UTF8.self)] = copy.settings[place]
        }
      }
    }
    return settings
  }

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
    #expect(read(aggregator) == ["g": settings(count, value, changes)])
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
    #expect(read(aggregator) == ["g": settings(2, 6, 0)])
  }

  @Test("are exact for many small changes of a large gauge")
  func compensated() throws {
    let aggregator = Aggregator(countsGaugeSettings: true)
    var ingest = Ingest(aggregator)
    ingest.apply("g:1|g", "g:+9007199254740992|g")
    for _ in 0..<10 { ingest.apply("g:+1|g") }
    ingest.apply("g:-9007199254740992|g")
    #expect(read(aggregator)["g"]?.changes.value == 10)
  }

  @Test("are not kept unless they are asked for, and not of other kinds")
  func off() throws {
    let off = Aggregator()
    var ingest = Ingest(off)
    ingest.apply("g:5|g", "h:1|h", "c:1|c", "s:a|s")
    #expect(read(off).isEmpty)
    let on = Aggregator(
      rules: .all(observer: .native(NativeOptions(), keepsBuckets: true)),
      countsGaugeSettings: true)
    var second = Ingest(on)
    second.apply("g:5|g", "h:1|h", "h:2|h", "c:1|c", "s:a|s")
    #expect(read(on) == ["g": settings(1, 5, 0)])
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
    #expect(read(aggregator).isEmpty)
    ingest.apply("h:+2|g")
    #expect(read(aggregator) == ["h": settings(0, 0, 2)])
  }

  @Test("say nothing of a gauge that only instances push")
  func pushed() throws {
    let server = PushServer(Aggregator(countsGaugeSettings: true))
    var ingest = PushIngest(server.owners)
    try ingest.apply(Pushed(sequence: 1, records: [PushedRecord("g", .gauge(5, .last))]))
    #expect(server.gauge() == 5)
    let settings = try #require(read(server.aggregator)["g"])
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
    #expect(read(middle.aggregator) == ["g": settings(0, 0, 3)])
    text.apply("g:-1|g")
    try ingest.apply(frame(2, 0, 0, 5))
    #expect(read(middle.aggregator) == ["g": settings(0, 0, 4)])
    // Three settings and a change at the sender are one setting and a change here.
    try ingest.apply(frame(3, 3, 10, -2))
    try ingest.apply(frame(4, 3, 10, -2))
    #expect(read(middle.aggregator) == ["g": settings(1, 10, -2)])
    text.apply("g:7|g")
    try ingest.apply(frame(5, 3, 10, -4))
    #expect(read(middle.aggregator) == ["g": settings(2, 7, -2)])
    #expect(middle.gauge() == 5)
  }
}
