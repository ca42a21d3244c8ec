import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Flags that changed while Weir was not running.
struct StateFlagsTests {
  static let before = HistogramBounds(upper: [1, 2])
  static let named = HistogramBounds(upper: [3, 4])

  static var rules: SeriesRules {
    var rules = SeriesRules.all(bounds: before)
    rules.bounds = [.init(NameGlob("n*"), named)]
    return rules
  }

  /// A file with histograms of the default bounds, of a rule's and of clients' bounds.
  static func file() throws -> StateRoundTripTests.WrittenFile {
    let aggregator = Aggregator(rules: rules)
    let owners = Owners(aggregator: aggregator)
    var ingest = Ingest(aggregator)
    ingest.apply("plain:1|h", "named:1|h")
    var pushes = PushIngest(owners)
    func record(_ name: String, _ bounds: HistogramBounds) -> PushedRecord {
      PushedRecord(name, .histogram(bounds: bounds.upper, sum: 5, buckets: [0: 2]))
    }
    // The bounds of two clients happen to be those of rules.
    try pushes.apply(
      Pushed(
        sequence: 1,
        records: [
          record("own", HistogramBounds(upper: [5, 6, 7])), record("same_as_named", named),
          record("same_as_plain", before),
        ]))
    return write(owners)
  }

  static func write(_ owners: Owners) -> StateRoundTripTests.WrittenFile {
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: 0)
    return file
  }

  struct BoundsCase: Sendable {
    let change: @Sendable (inout SeriesRules) -> Void
    let restored: [String]
  }

  static let boundsCases = [
    BoundsCase(
      change: { _ in }, restored: ["named", "own", "plain", "same_as_named", "same_as_plain"]),
    // The default's histograms begin anew, with those of a client that had the same bounds.
    BoundsCase(
      change: { $0.defaultBounds = .standard }, restored: ["named", "own", "same_as_named"]),
    BoundsCase(
      change: { $0.bounds = [] }, restored: ["own", "plain", "same_as_named", "same_as_plain"]),
    BoundsCase(
      change: { $0.bounds = [.init(NameGlob("n*"), StateFlagsTests.before)] },
      restored: ["own", "plain", "same_as_named", "same_as_plain"]),
    // A rule wins over a client.
    BoundsCase(
      change: { $0.bounds.append(.init(NameGlob("own"), StateFlagsTests.before)) },
      restored: ["named", "plain", "same_as_named", "same_as_plain"]),
  ]

  @Test(arguments: boundsCases) func `only bounds of clients outlive flags`(
    _ known: BoundsCase
  ) throws {
    var rules = StateFlagsTests.rules
    known.change(&rules)
    var file = try StateFlagsTests.file()
    // The second restart finds what the first one wrote.
    for expected in [5, known.restored.count] {
      let image = StateImage(blocks: file.blocks, file.bytes)
      #expect(image.damage == nil)
      let aggregator = Aggregator(rules: rules)
      let owners = Owners(aggregator: aggregator, keySeed: image.key)
      let restored = owners.restore(image)
      #expect(restored.series == known.restored.count)
      #expect(restored.changed == expected - known.restored.count)
      #expect(Contents(aggregator).histograms.keys.sorted() == known.restored)
      file = StateFlagsTests.write(owners)
    }
  }

  @Test(arguments: [nil, 300, 600, 0]) func `sets of another window begin anew`(_ window: Int?) {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.set), isPushed: false, window: window)
    fixture.series(0, .set, [StateFixture.Row(row: 0, spelling: "s", values: [])])
    fixture.rows(.sets, 0, [0]) { writer, _ in
      writer.append(1 as UInt8)
      writer.append(varint: 16)
      writer.append(varint: 1)
      writer.append(varint: 16)
      writer.append(0 as UInt8)
      writer.append(varint: 2)
      writer.append(littleEndian: 5 as UInt64)
      writer.append(littleEndian: 6 as UInt64)
    }
    let image = fixture.image
    #expect(image.damage == nil)
    let aggregator = Aggregator.restoring()
    let restored = Owners.restoring(aggregator).restore(image)
    let isSame = window == nil || window == aggregator.rules.sets.windowSeconds
    #expect(restored.series == (isSame ? 1 : 0))
    #expect(restored.changed == (isSame ? 0 : 1))
    #expect(Contents(aggregator).values[.set] ?? [:] == (isSame ? ["s": 2] : [:]))
  }

  @Test(arguments: [60, 600]) func `the window of sets is in the file`(_ window: Int) {
    let sets = SetOptions(windowSeconds: 60)
    let aggregator = Aggregator(rules: .all(sets: sets))
    var ingest = Ingest(aggregator)
    ingest.apply("s:a|s", "s:b|s", "c:1|c")
    let file = StateFlagsTests.write(Owners(aggregator: aggregator))
    let again = Aggregator(rules: .all(sets: SetOptions(windowSeconds: window)))
    let restored = Owners(aggregator: again).restore(StateImage(blocks: file.blocks, file.bytes))
    #expect(restored.series == (window == 60 ? 2 : 1))
    #expect(restored.changed == (window == 60 ? 0 : 1))
  }
}
