import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Files that no Weir has written.
struct StateHostileTests {
  static let records: [PushedRecord.Value] = [
    .counter(5), .increment(2), .gauge(1, .sum), .gaugeAdd(1, .sum),
    .observations([1, 7], weight: 1), .histogram(bounds: [1, 2], sum: 9, buckets: [0: 1, 2: 1]),
    .exponential(schema: 2, sum: 3, zero: 1, positive: [2: 1]), .members([1, 2]), .sketch([4: 3]),
  ]

  /// The fingerprint of a record under the key of a fixture, and what it is about.
  static func entry(of record: PushedRecord) throws -> (fingerprint: Fingerprint, about: UInt64) {
    let owners = Owners.restoring(.restoring())
    var pushes = PushIngest(owners)
    try pushes.apply(Pushed(sequence: 1, records: [record]))
    for shard in owners.shards {
      let found = shard.state.withLock { state in
        state.owners.first.map { ($0.entries[0].fingerprint, $0.entries[0].about) }
      }
      if let found { return found }
    }
    throw StateDamage("the record was refused")
  }

  /// A file in which an entry has a fingerprint and is about something.
  static func fixture(_ fingerprint: Fingerprint, about: UInt64) -> StateFixture {
    var fixture = StateFixture()
    let kinds: [MetricKind] = [.counter, .gauge, .histogram, .set]
    let bounds = HistogramBounds(upper: [1, 2])
    for (number, kind) in kinds.enumerated() {
      let isPushed = kind == .histogram
      fixture.seriesClass(
        number, isPushed ? SeriesClass(kind, layout: bounds) : SeriesClass(kind),
        isPushed: isPushed)
      let values: [[Double]] = [[3], [3], [3, 1, 1, 1], []]
      fixture.series(
        number, kind,
        [StateFixture.Row(row: 0, spelling: "known_\(kind.label)", values: values[number])])
    }
    var entry = OwnerFixture.Entry(
      fingerprint: fingerprint.low, high: fingerprint.high, about: about,
      classNumber: [0, 0, 1, 2, 2, 3][Int(about)])
    if about == 1 { entry.first = (3.0).bitPattern }
    if about == 3 { entry.detail = PushedBounds(bounds, salt: StateFixture.key.salt).id }
    var owner = OwnerFixture(entries: [entry])
    if about == 3 { owner.cells = [3, 3, 1, 1, 1] }
    if about == 4 { owner.exponentials = [OwnerFixture.Exponential()] }
    fixture.owner(owner)
    return fixture
  }

  @Test(arguments: records, 1...5 as ClosedRange<UInt64>)
  func `an entry that is about something else than its fingerprint is not used`(
    _ value: PushedRecord.Value, _ about: UInt64
  ) throws {
    let record = PushedRecord("r", value)
    let (fingerprint, own) = try StateHostileTests.entry(of: record)
    let image = StateHostileTests.fixture(fingerprint, about: about).image
    #expect(image.damage == nil)
    let aggregator = Aggregator.restoring()
    let owners = Owners.restoring(aggregator)
    let restored = owners.restore(image)
    #expect(restored.series == 4)
    #expect(restored.owners == 1)
    var before = Contents(aggregator)
    var pushes = PushIngest(owners)
    for sequence in [5, 6, 5] as [UInt64] {
      try pushes.apply(Pushed(sequence: sequence, records: [record]))
    }
    owners.mergeGauges()
    if about != own {
      // A change that arrives again is not looked up.
      let isChange: Bool
      switch value {
      case .increment, .gaugeAdd, .observations: isChange = true
      default: isChange = false
      }
      #expect(pushes.refusedSeries == [.typeClash: isChange ? 2 : 3])
      var after = Contents(aggregator)
      // NaN, because it never had a member.
      #expect(after.values[.set]?["known_set"]?.isNaN == true)
      (after.values[.set], before.values[.set]) = (nil, nil)
      #expect(after == before)
    } else {
      #expect(pushes.refusedSeries.isEmpty)
    }
  }

  @Test func `fingerprints that make look-ups long are refused`() {
    var fixture = StateFixture()
    fixture.owner(
      OwnerFixture(
        entries: (0..<5_000).map {
          OwnerFixture.Entry(fingerprint: 7, high: UInt64($0), about: 5, isHeld: false)
        }))
    let restored = Owners.restoring(.restoring()).restore(fixture.image)
    #expect(restored.owners == 0)
    #expect(restored.ownersRefused == 1)
  }

  @Test func `random fingerprints never make look-ups long`() {
    var random = SeededGenerator(seed: 3)
    var entries = OwnerEntries()
    // The fullest table that there can be.
    entries.reserve(3 << 15)
    let lease = SeriesLease(
      handle: SeriesHandle(shard: 0, row: 0), generation: 0, classID: ClassID(0))
    var areShort = true
    for _ in 0..<3 << 15 {
      let fingerprint = Fingerprint(low: random.next(), high: random.next())
      areShort = entries.restore(OwnerEntry(fingerprint, lease, .counter)) && areShort
    }
    #expect(areShort)
  }

  @Test func `a name in two classes comes back once, and its places are counted`() {
    var fixture = StateFixture()
    let other = SeriesClass(.histogram, layout: HistogramBounds(upper: [1]))
    fixture.seriesClass(0, SeriesClass(.histogram))
    fixture.seriesClass(1, other, isPushed: true)
    func row(_ row: Int, _ spelling: String, _ buckets: Int) -> [StateFixture.Row] {
      [
        StateFixture.Row(
          row: row, spelling: spelling, values: [0] + [Double](repeating: 1, count: buckets))
      ]
    }
    fixture.series(0, shard: 0, .histogram, row(0, #"h{a="1"}"#, 15))
    fixture.series(1, shard: 0, .histogram, row(0, #"h{a="2"}"#, 2))
    fixture.series(0, shard: 1, .histogram, row(0, #"h{a="3"}"#, 15))
    let aggregator = Aggregator.restoring()
    let restored = Owners.restoring(aggregator).restore(fixture.image)
    #expect(restored.series == 2)
    #expect(restored.changed == 1)
    let used = aggregator.limitReading().used
    #expect(used.first { $0.limit == .series }?.count == 2)
    #expect(used.first { $0.limit == .seriesPerName }?.count == 2)
    #expect(used.first { $0.limit == .names }?.count == 1)
  }
}
