import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

struct StateDumpTests {
  typealias Row = StateFixture.Row

  static func text(_ image: StateImage) -> [String] {
    var bytes: [UInt8] = []
    var dump = StateDump<Never>(image) { bytes += $0 }
    dump.write()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func `a line for each series, owner and help`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter, lifetimeSeconds: 60))
    fixture.seriesClass(1, SeriesClass(.histogram, layout: HistogramBounds(upper: [1, 2.5])))
    fixture.series(0, .counter, [Row(row: 0, spelling: #"a{x="1"}"#, values: [1.5])])
    fixture.series(
      1, .histogram, [Row(row: 0, spelling: "h", values: [-4, 1, 0, 2], isNegative: true)])
    fixture.owner(OwnerFixture(number: 0xABC, flags: 1, entries: [.init(about: 1)]))
    fixture.meta("a", unit: "bytes", help: "An \"a\".")
    let lines = StateDumpTests.text(fixture.image)
    #expect(
      lines == [
        "# weir state, version 1, 1 groups, \(fixture.bytes.count) bytes",
        "# committed 2026-11-26T06:41:13.250Z, second 1000 of Weir's clock",
        "# 2 series, 1 owners, 1 metas",
        #"series counter a{x="1"} value=1.5 updated=3s born=1970-01-01T00:08:20.000Z expires=60s"#,
        "series histogram h sum=-4 buckets=1:1,2.5:0,+Inf:2 negative updated=3s born=1970-01-01T00:08:20.000Z",
        "owner 0000000000000abc started=1970-01-01T00:00:01.000Z totals=1 received=4 missing=0 lost=0 last=3s retired",
        #"meta a unit="bytes" help="An \"a\".""#,
      ])
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (1_795_675_273_250, "2026-11-26T06:41:13.250Z"),
      (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
    ] as [(UInt64, String)])
  func `times as RFC 3339 has them`(_ milliseconds: UInt64, _ text: String) {
    var writer = ByteWriter()
    writer.append(rfc3339: milliseconds)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
  }

  @Test func `a summary counts what is there`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(
      0, .counter,
      [Row(row: 0, spelling: #"a{x="1"}"#, values: [1]), Row(row: 1, spelling: "a", values: [1])])
    fixture.owner(OwnerFixture(number: 1))
    fixture.owner(OwnerFixture(number: 2, flags: 1))
    let summary = StateSummary(fixture.image)
    #expect(summary.series(.counter) == 2)
    #expect(summary.seriesCount == 2)
    #expect(summary.names == 1)
    #expect(summary.ownersLive == 1)
    #expect(summary.ownersRetired == 1)
    #expect(summary.committedMilliseconds == 1_795_675_273_250)
    #expect(summary.damage == nil)
  }
}
