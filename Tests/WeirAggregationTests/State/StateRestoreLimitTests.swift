import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

/// Limits that hold for series of a state file.
struct StateRestoreLimitTests {
  typealias Row = StateFixture.Row

  @Test func `limits that were lowered refuse what exceeds them`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    let spellings = ["a", #"a{x="1"}"#, #"a{x="2"}"#, "b", "c", #"d{long="0123456789"}"#]
    fixture.series(
      0, .counter,
      spellings.enumerated().map { Row(row: $0.offset, spelling: $0.element, values: [1]) })
    func restored(_ change: (inout SeriesLimits) -> Void) -> StateRestored {
      Owners.restoring(.restoring(limits: change)).restore(fixture.image)
    }
    #expect(restored { $0.seriesMax = 4 }.refused(by: .series) == 2)
    #expect(restored { $0.seriesPerNameMax = 2 }.refused(by: .seriesPerName) == 1)
    #expect(restored { $0.namesMax = 2 }.refused(by: .names) == 2)
    #expect(restored { $0.labelValueBytesMax = 9 }.refused(by: .labelValueBytes) == 1)
    #expect(restored { $0.seriesBytesMax = 19 }.refused(by: .seriesBytes) == 1)
    let all = restored { _ in }
    #expect(all.series == 6)
    #expect(all.refusedByLimits == 0)
  }

  /// The clock of the fixture is in the eighth age bucket.
  @Test func `series that exceed a limit are the last ones of the file`() {
    // More than are restored at once.
    let spellings = (0..<5_000).map { #"a{x="\#($0)"}"# }
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(
      0, .counter,
      spellings.enumerated().map { Row(row: $0, spelling: $1, values: [Double($0)]) })
    let aggregator = Aggregator.restoring { $0.seriesMax = 3_000 }
    let restored = Owners.restoring(aggregator).restore(fixture.image)
    #expect(restored.series == 3_000)
    #expect(restored.refused(by: .series) == 2_000)
    let expected = spellings.prefix(3_000).enumerated().map { ($1, Double($0)) }
    #expect(Contents(aggregator).values[.counter] == Dictionary(uniqueKeysWithValues: expected))
    let used = aggregator.limitReading().used
    #expect(used.first { $0.limit == .series }?.count == 3_000)
    #expect(used.first { $0.limit == .seriesPerName }?.count == 3_000)
  }

  @Test(arguments: [SeriesLimits.Overflow.refuse, .series])
  func `what series take of each limit is what they took before`(
    _ overflow: SeriesLimits.Overflow
  ) throws {
    var limits = SeriesLimits()
    limits.overflow = overflow
    limits.seriesPerNameMax = 4
    let aggregator = Aggregator(limits: limits)
    let owners = Owners(aggregator: aggregator)
    var lines = Ingest(aggregator)
    var pushes = PushIngest(owners)
    for number in 0..<6 {
      lines.apply("c:1|c|#n:\(number)", "h:1|h|#n:\(number)", "s:x|s|#n:\(number)")
    }
    lines.apply("plain:1|c", "g:1|g|#n:1")
    try pushes.apply(
      Pushed(
        sequence: 1,
        records: [PushedRecord("p", .histogram(bounds: [1, 2], sum: 1, buckets: [0: 1]))]))
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: 0)
    let again = StateRoundTripTests.restored(
      StateImage(blocks: file.blocks, file.bytes), SeriesRules(), series: limits)
    let before = aggregator.limitReading()
    let after = again.rig.server.aggregator.limitReading()
    #expect(after.used.map(\.count) == before.used.map(\.count))
    #expect(after.used.map(\.limit) == before.used.map(\.limit))
    #expect(after.classes == before.classes)
    // They are given back in the same way.
    for server in [StateServer(aggregator: aggregator, owners: owners), again.rig.server] {
      _ = server.owners.forget(
        try ["c", "h", "s", "plain", "g", "p"].map { try SeriesSelector($0) })
    }
    let (left, found) = (aggregator.limitReading(), again.rig.server.aggregator.limitReading())
    #expect(found.used.map(\.count) == left.used.map(\.count))
    #expect(found.classes == left.classes)
    #expect(left.used.allSatisfy { $0.count == 0 })
  }

  @Test func `limits on sets and on bytes of pages hold`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.set))
    fixture.series(
      0, .set, (0..<3).map { Row(row: $0, spelling: #"s{n="\#($0)"}"#, values: []) })
    fixture.seriesClass(1, SeriesClass(.counter))
    fixture.series(
      1, .counter, (0..<3).map { Row(row: $0, spelling: #"c{n="\#($0)"}"#, values: [1]) })
    func restored(_ change: (inout SeriesLimits) -> Void) -> StateRestored {
      Owners.restoring(.restoring(limits: change)).restore(fixture.image)
    }
    #expect(restored { $0.setsMax = 2 }.refused(by: .sets) == 1)
    let few = restored { $0.exposedBytesMax = 25 }
    #expect(few.refused(by: .exposedBytes) > 0)
    #expect(few.series + few.refusedByLimits == 6)
  }
}
