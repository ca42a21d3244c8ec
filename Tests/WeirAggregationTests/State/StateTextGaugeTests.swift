import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Gauges that text sets at a forwarder, through a state file.
struct StateTextGaugeTests {
  typealias Row = StateFixture.Row

  private func frame(
    _ sequence: UInt64, settings: UInt64, _ value: Double = 0, changes: Double = 0,
    age: UInt64 = 0, began: Int64? = nil
  ) -> Pushed {
    let record = PushedRecord.Value.textGauge(settings: settings, value, changes: changes)
    return Pushed(
      sequence: sequence, age: age, isForwarder: true,
      records: [PushedRecord("g", record, time: began)])
  }

  /// A receiver that goes on from the file of another.
  private func restart(
    _ owners: Owners, second: UInt32 = 100, limits: OwnerLimits = OwnerLimits()
  ) -> StateServer {
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: second)
    let image = StateImage(blocks: file.blocks, file.bytes)
    #expect(image.damage == nil)
    let again = StateRoundTripTests.restored(image, SeriesRules(), limits: limits)
    #expect(again.restored.ownersRefused == 0)
    return again.rig.server
  }

  private func gauge(_ server: StateServer) -> Double? {
    server.owners.mergeGauges()
    return Contents(server.aggregator).values[.gauge]?["g"]
  }

  struct Step: Sendable {
    var settings: UInt64
    var value = 0.0
    var changes = 0.0
    var began: Int64?
    /// What a scrape shows then.
    var shown: Double
  }

  static let sequences: [[Step]] = [
    // A repeat, then a change, then a setting.
    [
      Step(settings: 2, value: 5, changes: 1, shown: 6),
      Step(settings: 2, value: 5, changes: 1, shown: 6),
      Step(settings: 2, value: 5, changes: 4, shown: 9),
      Step(settings: 3, value: 1, shown: 1),
    ],
    // Fewer settings than known.
    [
      Step(settings: 5, value: 7, shown: 7), Step(settings: 4, value: 1, changes: 3, shown: 7),
      Step(settings: 5, value: 7, changes: 1, shown: 8),
    ],
    // Only changes, the first of them of a series that began here.
    [
      Step(settings: 0, changes: 3, shown: 3), Step(settings: 0, changes: 3, shown: 3),
      Step(settings: 0, changes: 2.5, shown: 2.5),
    ],
    // The forwarder makes the series again.
    [
      Step(settings: 9, value: 5, changes: 2, began: 0, shown: 7),
      Step(settings: 0, changes: 3, began: 60_000, shown: 10),
      Step(settings: 0, changes: 4, began: 60_000, shown: 11),
      Step(settings: 1, value: 8, began: 90_000, shown: 8),
    ],
  ]

  @Test(arguments: sequences.indices, 1...3 as ClosedRange<Int>)
  func `a receiver knows what it was told before a restart`(_ index: Int, _ before: Int) throws {
    let steps = StateTextGaugeTests.sequences[index]
    let first = PushServer(atSecond: 100)
    var ingest = PushIngest(first.owners)
    var server = StateServer(aggregator: first.aggregator, owners: first.owners)
    for (place, step) in steps.enumerated() {
      if place == min(before, steps.count - 1) {
        server = restart(server.owners)
        ingest = PushIngest(server.owners)
      }
      try ingest.apply(
        frame(
          UInt64(place) + 1, settings: step.settings, step.value, changes: step.changes,
          began: step.began))
      #expect(gauge(server) == step.shown, "step \(place)")
    }
  }

  @Test func `an older frame after a restart changes nothing`() throws {
    let first = PushServer(atSecond: 100)
    var ingest = PushIngest(first.owners)
    try ingest.apply(frame(3, settings: 1, 5))
    let server = restart(first.owners)
    ingest = PushIngest(server.owners)
    try ingest.apply(frame(2, settings: 9, 100))
    #expect(gauge(server) == 5)
  }

  @Test func `a baseline stays one`() throws {
    let first = PushServer(atSecond: 100)
    var ingest = PushIngest(first.owners)
    try ingest.apply(frame(70, settings: 0, changes: 7, age: 1_000_000))
    let server = restart(first.owners)
    ingest = PushIngest(server.owners)
    try ingest.apply(frame(71, settings: 0, changes: 9, age: 1_001_000))
    #expect(gauge(server) == 2)
  }

  @Test func `a forwarder comes back as one, with more totals than an application may have`() throws
  {
    let first = PushServer(atSecond: 100)
    var ingest = PushIngest(first.owners)
    try ingest.apply(
      Pushed(
        sequence: 1, isForwarder: true,
        records: (0..<12).map { PushedRecord("c\($0)_total", .counter(1)) }))
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = 4
    let totals = restart(first.owners, limits: limits).owners.totals()
    #expect(totals.fullestForwarder == 12)
    #expect(totals.fullest == 0)
  }

  @Test func `a forgotten gauge comes back with news only, also after a restart`() throws {
    let first = PushServer(atSecond: 100)
    var ingest = PushIngest(first.owners)
    try ingest.apply(frame(1, settings: 1, 5, changes: 2))
    let selector = try #require(try? SeriesSelector("g"))
    #expect(first.owners.forget([selector]).count == 1)
    try ingest.apply(frame(2, settings: 1, 5, changes: 2))
    #expect(first.gauge() == nil)
    let server = restart(first.owners)
    ingest = PushIngest(server.owners)
    try ingest.apply(frame(3, settings: 1, 5, changes: 2))
    #expect(gauge(server) == nil)
    try ingest.apply(frame(4, settings: 1, 5, changes: 6))
    #expect(gauge(server) == 4)
  }

  /// A gauge with settings as a file has them.
  private func fixture(
    _ settings: UInt64, _ value: Double, _ changes: Double, error: Double = 0,
    kind: MetricKind = .gauge
  ) -> StateFixture {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(kind))
    fixture.series(0, kind, [Row(row: 2, spelling: "g", values: [8])])
    // The second one has no series.
    fixture.rows(.settings, 0, [2, 3]) { writer, _ in
      writer.append(varint: settings)
      writer.append(number: value)
      writer.append(number: changes)
      writer.append(littleEndian: error.bitPattern)
    }
    return fixture
  }

  private func restored(_ fixture: StateFixture, forwards: Bool = true) -> [String: GaugeSettings] {
    let again = StateRoundTripTests.restored(fixture.image, SeriesRules(), forwards: forwards)
    #expect(again.restored.series == 1)
    return again.rig.settings
  }

  @Test func `settings come back where Weir still forwards`() {
    var expected = GaugeSettings()
    expected.count = 3
    expected.value = 5
    expected.changes = CompensatedSum(sum: 3, error: 0.25)
    #expect(restored(fixture(3, 5, 3, error: 0.25)) == ["g": expected])
    #expect(restored(fixture(3, 5, 3), forwards: false).isEmpty)
    #expect(restored(fixture(0, .nan, 0)).isEmpty)
  }

  @Test func `a row without text replaces settings, and a new series has none`() {
    var replaced = fixture(3, 5, 3)
    replaced.rows(.settings, 0, [2]) { writer, _ in
      writer.append(varint: 0)
      writer.append(number: .nan)
      writer.append(number: 0)
      writer.append(littleEndian: 0)
    }
    #expect(restored(replaced).isEmpty)
    var again = fixture(3, 5, 3)
    again.series(0, .gauge, [Row(row: 2, spelling: "g", values: [8], generation: 3)])
    #expect(restored(again).isEmpty)
    var removed = fixture(3, 5, 3)
    removed.rows(.removed, 0, [2])
    removed.series(0, .gauge, [Row(row: 2, spelling: "g", values: [8], generation: 3)])
    #expect(restored(removed).isEmpty)
  }

  @Test func `the dump has settings`() {
    let lines = StateDumpTests.text(fixture(3, 5, 3).image)
    #expect(lines.contains { $0.hasPrefix("series gauge g value=8 settings=3 changes=3 updated=") })
  }

  @Test(
    arguments: [
      ((1 << 53) + 1, 5, 3, 0), (1, .infinity, 3, 0), (1, 5, .infinity, 0), (1, 5, .nan, 0),
      (1, 5, 3, .nan),
    ] as [(UInt64, Double, Double, Double)])
  func `impossible settings are damage`(
    _ row: (settings: UInt64, value: Double, changes: Double, error: Double)
  ) {
    let damage = fixture(row.settings, row.value, row.changes, error: row.error).image.damage ?? ""
    #expect(
      damage.hasSuffix(" of the state file is wrong: the settings of a gauge are impossible"),
      "\(damage)")
  }

  @Test func `settings of other kinds are damage`() {
    let damage = fixture(1, 5, 3, kind: .counter).image.damage ?? ""
    #expect(damage.hasSuffix(" of the state file is wrong: its class is not of gauges"))
  }

  @Test func `entries of a row that are cut off are damage`() {
    var cut = StateFixture()
    cut.seriesClass(0, SeriesClass(.gauge))
    cut.series(0, .gauge, [Row(row: 0, spelling: "g", values: [8])])
    cut.raw(StateBlockType.settings.rawValue, [0, 0, 1, 0, 1, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(cut.image.damage?.hasSuffix(" of the state file is wrong: it ends too early") == true)
  }
}
