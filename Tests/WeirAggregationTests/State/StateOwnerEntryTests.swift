import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Entries of instances and what they name in a file, written by hand.
struct StateOwnerEntryTests {
  typealias Row = StateFixture.Row
  typealias Entry = OwnerFixture.Entry

  /// An instance with one entry, and the series that it may be about.
  private func counter(_ entry: Entry, flags: UInt8 = 0) -> StateFixture {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: "c", values: [5])])
    fixture.owner(OwnerFixture(flags: flags, entries: [entry]))
    return fixture
  }

  @Test(
    arguments: [
      (true, 0, true), (false, 0, false), (true, 1, false), (true, 2, false), (true, 3, false),
    ] as [(Bool, UInt8, Bool)])
  func `only an instance that goes on holds its series`(
    _ isHeld: Bool, _ flags: UInt8, _ stays: Bool
  ) {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 5
    let fixture = counter(
      Entry(about: 1, first: (5.0).bitPattern, isHeld: isHeld), flags: flags)
    let server = RestartedServer(fixture, .all(lifetimes: lifetimes)) { $0.retireSeconds = 100 }
    server.pass(1_001...1_060)
    #expect(server.values[.counter] == (stays ? ["c": 5] : nil))
    // Until it is silent for too long.
    server.pass(1_061...1_200)
    #expect(server.values[.counter] == nil)
  }

  /// The fingerprint of a record named `r`.
  private func entry(
    _ value: PushedRecord.Value, classNumber: Int = 0, row: Int = 0, generation: UInt32 = 1
  ) throws -> Entry {
    let (fingerprint, about) = try StateHostileTests.entry(of: PushedRecord("r", value))
    return Entry(
      fingerprint: fingerprint.low, high: fingerprint.high, about: about,
      classNumber: classNumber, row: row, generation: generation)
  }

  private func push(_ server: RestartedServer, _ value: PushedRecord.Value) throws {
    var pushes = PushIngest(server.owners)
    try pushes.apply(Pushed(sequence: 5, records: [PushedRecord("r", value)]))
    #expect(pushes.refusedSeries.isEmpty)
  }

  @Test func `an entry about a series of another kind changes nothing of it`() throws {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.gauge))
    fixture.series(0, .gauge, [Row(row: 0, spelling: "g", values: [7])])
    var entry = try entry(.counter(5))
    entry.first = (3.0).bitPattern
    fixture.owner(OwnerFixture(entries: [entry]))
    let server = RestartedServer(fixture)
    try push(server, .counter(5))
    #expect(server.values[.gauge] == ["g": 7])
    #expect(server.values[.counter] == ["r": 5], "as if its series had expired")
  }

  @Test(arguments: [(1, 3, 3), (1, 5, 5), (2, 3, nil), (2, 5, 2)] as [(UInt32, Double, Double?)])
  func `a total whose series is gone comes back whole, or only its gain if that was forgotten`(
    _ generation: UInt32, _ total: Double, _ shown: Double?
  ) throws {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 9, spelling: "other", values: [1])])
    var entry = try entry(.counter(5), row: 0, generation: generation)
    entry.first = (3.0).bitPattern
    var owner = OwnerFixture()
    if generation == 2 {
      // What was forgotten is a baseline.
      entry.hasBaseline = true
      owner.baselines = [3]
    }
    owner.entries = [entry]
    fixture.owner(owner)
    let server = RestartedServer(fixture)
    try push(server, .counter(total))
    #expect(server.values[.counter]?["r"] == shown)
  }

  private static let record = PushedRecord.Value.exponential(
    schema: 3, sum: 6, zero: 1, positive: [2: 3])

  /// An exponential total for three classic buckets, in a class that has two.
  @Test(arguments: [(true, false), (false, false), (true, true)])
  func `an exponential total of other buckets is not used`(_ hasTotal: Bool, _ hasBaseline: Bool)
    throws
  {
    for buckets in 1...4 {
      let layout = HistogramBounds(upper: (0..<buckets - 1).map { Double($0 + 1) })
      var fixture = StateFixture()
      fixture.seriesClass(0, SeriesClass(.histogram, layout: layout), isPushed: true)
      fixture.series(
        0, .histogram,
        [
          Row(
            row: 0, spelling: "r",
            values: [1.5] + (0..<buckets).map { buckets == 3 && $0 == 1 ? 2 : 0 })
        ])
      var entry = try entry(Self.record)
      (entry.hasTotal, entry.hasBaseline) = (hasTotal, hasBaseline)
      if hasBaseline { entry.detail = 1 }
      let total = OwnerFixture.Exponential(keys: [(2, 2)], cumulative: [0, 2, 2])
      // A baseline of other buckets than the total spoils both.
      let baseline = OwnerFixture.Exponential(keys: [], cumulative: [0, 0])
      fixture.owner(
        OwnerFixture(entries: [entry], exponentials: [total] + (hasBaseline ? [baseline] : [])))
      let server = RestartedServer(fixture)
      #expect(server.restored.owners == 1)
      let isHeld = server.owner(1)?.entries[0].isHeld
      #expect(isHeld == (buckets == 3 && !hasBaseline), "\(buckets) buckets")
      try push(server, Self.record)
      let found = Contents(server.aggregator).histograms["r"]
      #expect(found?.buckets.count == buckets)
      // One is zero, three are between 1 and 2. Of them two are known where the total is.
      let expected: [Double] =
        buckets == 1 ? [4] : [1, 3] + [Double](repeating: 0, count: buckets - 2)
      let isAgain = buckets == 3 && hasBaseline
      #expect(found?.buckets == (isAgain ? [1, 5, 0] : expected), "\(buckets) buckets")
    }
  }

  @Test func `instances that have sent no record are forgotten in the order in which they came`()
    throws
  {
    var fixture = StateFixture()
    for (number, ago) in [(1, 20), (2, 60), (3, 40)] as [(UInt64, UInt64)] {
      fixture.owner(OwnerFixture(number: number, flags: 4, firstAgo: ago, lastAgo: 3))
    }
    let server = RestartedServer(fixture) { $0.instancesMax = 3 }
    #expect(server.restored.owners == 3)
    var pushes = PushIngest(server.owners)
    for (instance, left) in [(7, [1, 3, 7]), (8, [1, 7, 8])] as [(UInt64, [UInt64])] {
      try pushes.apply(
        Pushed(
          instance: instance, sequence: 1, records: [PushedRecord("c", .counter(1))]))
      #expect(server.owners.instances(max: 9).map(\.id.number).sorted() == left)
    }
  }

  @Test func `the memory ends with the last frame of those that there is no room for`() {
    var fixture = StateFixture()
    for number in [4, 2, 5, 1, 3] as [UInt64] {
      fixture.owner(OwnerFixture(number: number, lastAgo: 10 * number))
    }
    let server = RestartedServer(fixture) { $0.instancesMax = 2 }
    #expect(server.restored.owners == 2 && server.restored.ownersRefused == 3)
    // The third was silent for 30 seconds, give or take one.
    #expect(server.owners.forgottenMilliseconds == 1_000_000 - 29_000)
  }

  @Test func `totals of all instances together have a limit, and names too`() {
    var fixture = StateFixture()
    for number in 1...3 as ClosedRange<UInt64> {
      fixture.owner(
        OwnerFixture(
          number: number, lastAgo: number,
          entries: (0..<10).map { Entry(fingerprint: UInt64($0) + 1, about: 5, isHeld: false) }))
    }
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: "short", values: [1])])
    fixture.meta("short", unit: "", help: "One.")
    fixture.meta(String(repeating: "l", count: 1_025), unit: "", help: "Two.")
    let server = RestartedServer(fixture) { $0.totalsMax = 25 }
    #expect(server.restored.owners == 2 && server.restored.ownersRefused == 1)
    #expect(server.owners.totals().totals == 20)
    // Each has more than an application may have, and not more than a forwarder.
    let lowered = RestartedServer(fixture) { $0.totalsPerInstanceMax = 9 }
    #expect(lowered.restored.owners == 0 && lowered.restored.ownersRefused == 3)
    #expect(server.restored.metas == 1)
    #expect(server.aggregator.meta(of: Array("short".utf8)) == FamilyMeta(help: "One."))
  }
}
