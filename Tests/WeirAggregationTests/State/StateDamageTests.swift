import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

/// Content that no Weir writes, in blocks whose check sums are right.
struct StateDamageTests {
  typealias Row = StateFixture.Row

  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let write: @Sendable (inout StateFixture) -> Void

    var testDescription: String { what }

    init(_ what: String, _ write: @escaping @Sendable (inout StateFixture) -> Void) {
      self.what = what
      self.write = write
    }
  }

  private static func counter(_ row: Row) -> @Sendable (inout StateFixture) -> Void {
    { fixture in
      fixture.seriesClass(0, SeriesClass(.counter))
      fixture.series(0, .counter, [row])
    }
  }

  private static func owner(
    _ change: @escaping @Sendable (inout OwnerFixture) -> Void
  ) -> @Sendable (inout StateFixture) -> Void {
    { fixture in
      var owner = OwnerFixture()
      change(&owner)
      fixture.owner(owner)
    }
  }

  static let cases = [
    Case("a counter is negative", counter(Row(row: 0, spelling: "a", values: [-1]))),
    Case(
      "a value is not a finite number", counter(Row(row: 0, spelling: "a", values: [.infinity]))),
    Case("a value is not a finite number", counter(Row(row: 0, spelling: "a", values: [.nan]))),
    Case(
      "a series has no valid generation",
      counter(Row(row: 0, spelling: "a", values: [1], generation: 2))),
    Case(
      "a series begins after the year 2106",
      counter(Row(row: 0, spelling: "a", values: [1], born: 1 << 32))),
    Case(
      "a series was updated before Weir's first second",
      counter(Row(row: 0, spelling: "a", values: [1], ago: 1_001))),
    Case(
      "a row has a mark that its kind does not have",
      counter(Row(row: 0, spelling: "a", values: [1], isNegative: true))),
    Case(
      "a series is not spelled as Weir spells it",
      counter(Row(row: 0, spelling: "a b", values: [1]))),
    Case("its rows do not ascend", counter(Row(row: 1 << 26, spelling: "a", values: [1]))),
    Case("its class is unknown") {
      $0.series(1, .counter, [Row(row: 0, spelling: "a", values: [1])])
    },
    Case("there is no such table") {
      $0.series(0, shard: 64, .counter, [Row(row: 0, spelling: "a", values: [1])])
    },
    Case("there is no such class") { $0.seriesClass(1_000, SeriesClass(.counter)) },
    Case("a gauge is infinite") {
      $0.seriesClass(0, SeriesClass(.gauge))
      $0.series(0, .gauge, [Row(row: 0, spelling: "g", values: [.infinity])])
    },
    Case("it ends too early") { $0.raw(StateBlockType.key.rawValue, [1, 2, 3]) },
    Case("its scheme is unknown") { $0.key(scheme: 2) },
    Case("a name is not spelled as Weir spells it") { $0.meta("a{", unit: "", help: "") },
    Case("a name is not spelled as Weir spells it") {
      $0.meta(#"a{b="c"}"#, unit: "", help: "")
    },
    Case("it ends too early") { $0.raw(StateBlockType.ownersRemoved.rawValue, [1, 2]) },
    Case(
      "the spelling of a series is too long",
      counter(
        Row(
          row: 0, spelling: "a{b=\"" + String(repeating: "x", count: 65_536) + "\"}", values: [1]))),
    Case("a series has a label of its own lines") {
      $0.seriesClass(0, SeriesClass(.histogram, layout: HistogramBounds(upper: [1])))
      $0.series(0, .histogram, [Row(row: 0, spelling: #"h{le="1"}"#, values: [0, 0, 0])])
    },
    Case("a series has a label of its own lines") {
      $0.seriesClass(
        0,
        SeriesClass(
          .histogram, layout: HistogramBounds(upper: [1]), observer: .summary(SummaryOptions())))
      $0.series(0, .histogram, [Row(row: 0, spelling: #"h{quantile="1"}"#, values: [0, 0, 0])])
    },
    Case("its class is not of sets") {
      $0.seriesClass(0, SeriesClass(.counter))
      $0.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
      $0.rows(.sets, 0, [])
    },
    Case("its class is not of gauges") {
      $0.seriesClass(0, SeriesClass(.counter))
      $0.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
      $0.rows(.gauges, 0, [])
    },
    Case("its class has no summaries") {
      $0.seriesClass(0, SeriesClass(.counter))
      $0.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
      $0.rows(.summaries, 0, [])
    },
    Case("a set has an unknown mark") {
      $0.seriesClass(0, SeriesClass(.set))
      $0.series(0, .set, [Row(row: 0, spelling: "s", values: [])])
      $0.rows(.sets, 0, [0]) { writer, _ in writer.append([2, 0, 0, 0, 0] as [UInt8]) }
    },
    Case("a text is too long") {
      let bytes = FamilyMeta.mappedHelpBytesMax + 1
      $0.meta("a", unit: "", help: String(repeating: "x", count: bytes))
    },
    Case("a text is too long") {
      let bytes = FamilyMeta.bytesMax + 1
      $0.meta("a", unit: String(repeating: "x", count: bytes), help: "")
    },
    Case("its class has no native histograms") {
      $0.seriesClass(0, SeriesClass(.counter))
      $0.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
      $0.rows(.natives, 0, [0])
    },
    Case("Weir's clock is too late") { $0.times(1 << 31) },
    Case("Weir's clock is too late") { $0.times(.max) },
    Case("a time is too late") { $0.times(1_000, wall: 1 << 50) },
    Case("a time is too late") { $0.times(1_000, boot: 1 << 50) },
    Case("a time is too late") { $0.times(1_000, memory: .max - 5_000) },
    Case("a time is too late") { $0.times(1_000, forgotten: 1 << 50) },
    Case("a frame has the number 0") { $0.forwarder(next: 0) },
    Case("the number of a frame is too great") { $0.forwarder(next: 1 << 62) },
    Case("the number of a frame is too great") { $0.forwarder(next: .max) },
    Case("a time is too late") { $0.forwarder(next: 1, age: 1 << 50) },
    Case("an entry has no exponential total", owner { $0.entries = [.init(about: 4)] }),
    Case(
      "an entry has no exponential total",
      owner {
        $0.exponentials = [.init()]
        $0.entries = [.init(about: 4), .init(fingerprint: 8, about: 4)]
      }),
    Case("an entry has no bounds", owner { $0.entries = [.init(about: 3)] }),
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2, 3]
        $0.entries = [.init(about: 3, detail: 2 << 39 | 1)]
      }),
    Case("an entry is about nothing known", owner { $0.entries = [.init(about: 7)] }),
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2]
        $0.entries = [.init(about: 6, detail: 1)]
      }),
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2, 3, 4]
        $0.entries = [.init(about: 6, detail: 2), .init(fingerprint: 8, about: 6, detail: 3)]
      }),
    Case(
      "an entry is not of a gauge",
      owner {
        $0.entries = [.init(about: 6)]
        $0.gauges = [0]
      }),
    Case(
      "an entry has no baseline", owner { $0.entries = [.init(about: 1, hasBaseline: true)] }),
    Case(
      "a counter's total is wrong",
      owner { $0.entries = [.init(about: 1, first: (-1.0).bitPattern)] }),
    Case("its window of frames is impossible", owner { $0.base = 5 }),
    Case(
      "an entry is not of a gauge",
      owner {
        $0.entries = [.init(about: 1)]
        $0.gauges = [0]
      }),
    Case(
      "the changes of a gauge are impossible",
      owner {
        $0.entries = [.init(about: 2)]
        $0.changes = [(0, 1, 3, [(2, 1)])]
      }),
    Case("a value is not a finite number", owner { $0.cells = [.nan] }),
    Case("its frames came before Weir's first second", owner { $0.firstAgo = 1_001 }),
    Case(
      "its frames came before Weir's first second",
      owner { ($0.firstAgo, $0.lastAgo) = (10, 11) }),
    Case(
      "a counter's total is wrong",
      owner { $0.entries = [.init(about: 1, first: Double.infinity.bitPattern)] }),
    // The baseline is its own total.
    Case(
      "an entry has no exponential total",
      owner {
        $0.exponentials = [.init()]
        $0.entries = [.init(about: 4, hasBaseline: true)]
      }),
    Case(
      "an exponential total has too many bounds",
      owner {
        $0.exponentials = [.init(cumulative: (0...HistogramBounds.countMax + 1).map(Double.init))]
        $0.entries = [.init(about: 4)]
      }),
    // Room for a total of two buckets, and not for its baseline.
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2, 3, 4]
        $0.entries = [.init(about: 3, detail: 2 << 39 | 1, hasBaseline: true)]
      }),
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2, 3, 4]
        $0.entries = [.init(about: 3, first: 1, detail: 2 << 39 | 1)]
      }),
    Case(
      "an entry has no cells",
      owner {
        $0.cells = [1, 2, 3, 4]
        $0.entries = [.init(about: 3, detail: 1)]
      }),
    Case("its window of frames is impossible", owner { $0.late = 5 }),
    Case("its window of frames is impossible", owner { $0.received = 1 << 60 + 1 }),
    Case(
      "an instance without records has some",
      owner {
        $0.flags = 4
        $0.entries = [.init(about: 1)]
      }),
  ]

  @Test(arguments: cases) func `a sentence says what is wrong`(_ known: Case) {
    var fixture = StateFixture()
    known.write(&fixture)
    let damage = fixture.image.damage ?? ""
    #expect(damage.hasSuffix(" of the state file is wrong: \(known.what)"), "\(damage)")
    // The block that is named is there.
    let starts = fixture.blocks.map { $0.payload.lowerBound - StateFormat.blockHeadBytes }
    #expect(starts.contains { damage.contains(" at byte \($0) of ") })
  }

  @Test func `labels that other observers have lines of are labels like any other`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.histogram, layout: HistogramBounds(upper: [1])))
    fixture.series(0, .histogram, [Row(row: 0, spelling: #"h{quantile="1"}"#, values: [0, 0, 0])])
    fixture.seriesClass(1, SeriesClass(.counter))
    fixture.series(1, .counter, [Row(row: 0, spelling: #"c{le="1"}"#, values: [0])])
    #expect(fixture.image.damage == nil)
  }

  @Test func `the latest times and numbers are taken`() {
    var fixture = StateFixture(second: nil)
    let end: UInt64 = 1 << 50 - 1
    fixture.times(1 << 31 - 1, wall: end, boot: end, memory: end, forgotten: end)
    fixture.forwarder(next: 1 << 62 - 1, age: end)
    #expect(fixture.image.damage == nil)
    #expect(fixture.image.times?.second == UInt32(Int32.max))
    #expect(fixture.image.forwarder?.nextSequence == UInt64.max >> 2)
  }

  @Test func `a group of rows without times is damaged`() {
    var fixture = StateFixture(second: nil)
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
    #expect(fixture.image.damage?.hasSuffix("its group has no times") == true)
  }

  static let spellings: [(String, Bool)] = [
    ("a", true), ("a:b", true), (#"a{b="c"}"#, true), (#"a{b="c",d="\\\"\n"}"#, true),
    (#""a.b"{c="1","c.d"="2"}"#, true), (#"a{weir_overflow="true"}"#, true), ("a{b=\"é\"}", true),
    ("", false), ("1a", false), ("a{}", false), (#"a{b="c"} "#, false), (#"a{b=""}"#, false),
    (#"a{d="1",b="2"}"#, false), (#"a{b="1",b="2"}"#, false), (#"a{b="\x"}"#, false),
    (#"a{__name__="1"}"#, false), (#"a{weir_x="1"}"#, false), (#""a""#, false),
    (#"a{"b"="1"}"#, false),
    (#"a{b="1",}"#, false), (#"a{b="1""#, false), ("a{b=\"\n\"}", false), (#"a{b:c="1"}"#, false),
  ]

  @Test(arguments: spellings) func `only the one spelling of a series is taken`(
    _ text: String, _ isRight: Bool
  ) {
    let bytes = Array(text.utf8)
    #expect((SpellingCheck(bytes.span, 0..<bytes.count) != nil) == isRight)
  }
}
