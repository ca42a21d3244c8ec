import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

struct StateRestoreTests {
  typealias Row = StateFixture.Row

  @Test func `values, marks and times come back`() {
    var fixture = StateFixture()
    let histogram = SeriesClass(.histogram, layout: HistogramBounds(upper: [1, 2]))
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.seriesClass(1, SeriesClass(.gauge))
    fixture.seriesClass(2, histogram)
    fixture.series(0, .counter, [Row(row: 4, spelling: #"a{x="1"}"#, values: [1e16], error: 1)])
    fixture.series(1, .gauge, [Row(row: 0, spelling: "g", values: [-2.5])])
    fixture.series(
      2, .histogram, [Row(row: 0, spelling: "h", values: [-1, 1, 0, 2], isNegative: true)])
    fixture.meta("a", unit: "", help: "An a.")
    let aggregator = Aggregator.restoring(.all(bounds: histogram.layout), zeroFirst: 60)
    let restored = Owners.restoring(aggregator).restore(fixture.image)
    #expect(restored.series == 3)
    #expect(restored.changed + restored.clashes + restored.refusedByLimits == 0)
    let contents = Contents(aggregator)
    #expect(contents.values[.counter] == [#"a{x="1"}"#: 1e16])
    #expect(contents.values[.gauge] == ["g": -2.5])
    #expect(contents.histograms["h"] == Contents.Histogram(sum: -1, buckets: [1, 0, 2]))
    #expect(aggregator.meta(of: Array("a".utf8)) == FamilyMeta(help: "An a."))
    var catalog = Catalog()
    catalog.update(from: aggregator)
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        #expect(piece.startUnixSeconds(index) == 500)
        #expect(piece.tookNegative(index) == (family.kind == .histogram))
      }
    }
    // The rounding error is part of the sum.
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c|#x:1")
    #expect(Contents(aggregator).values[.counter] == [#"a{x="1"}"#: 1e16 + 2])
  }

  struct ClassCase: Sendable {
    let file: SeriesClass
    let rules: SeriesRules
    var isPushed = false
    let restored: Int
  }

  static let bounds = HistogramBounds(upper: [1, 2])
  static let classCases = [
    ClassCase(file: SeriesClass(.histogram), rules: SeriesRules(), restored: 1),
    // A client's bounds.
    ClassCase(
      file: SeriesClass(.histogram, layout: bounds), rules: SeriesRules(), isPushed: true,
      restored: 1),
    // The flag's bounds of before.
    ClassCase(file: SeriesClass(.histogram, layout: bounds), rules: SeriesRules(), restored: 0),
    ClassCase(
      file: SeriesClass(.histogram),
      rules: .all(observer: .native(NativeOptions(), keepsBuckets: true)),
      restored: 0),
    ClassCase(
      file: SeriesClass(.histogram, observer: .summary(SummaryOptions())),
      rules: .all(observer: .summary(SummaryOptions(maxAgeSeconds: 60))), restored: 0),
    ClassCase(
      file: SeriesClass(.histogram, lifetimeSeconds: 60), rules: SeriesRules(), restored: 1),
  ]

  @Test(arguments: classCases) func `flags win over the class in the file`(_ known: ClassCase) {
    var fixture = StateFixture()
    fixture.seriesClass(0, known.file, isPushed: known.isPushed)
    let buckets = [Double](repeating: 1, count: known.file.layout.bucketCount)
    fixture.series(0, .histogram, [Row(row: 0, spelling: "h", values: [3] + buckets)])
    let aggregator = Aggregator.restoring(known.rules)
    let image = fixture.image
    #expect(image.damage == nil)
    let restored = Owners.restoring(aggregator).restore(image)
    #expect(restored.series == known.restored)
    #expect(restored.changed == 1 - known.restored)
    #expect(Contents(aggregator).histograms.count == known.restored)
    // No class is left without a name.
    let classes = aggregator.registry.withLock { $0.classes.count }
    let isOwnClass = known.file.layout == StateRestoreTests.bounds && known.restored == 1
    #expect(classes == (isOwnClass ? 5 : 4))
  }

  @Test(arguments: [(8, 7.0), (9, 0)])
  func `an age bucket that has not begun is not shown`(_ newest: Int, _ shown: Double) throws {
    let options = SummaryOptions(maxAgeSeconds: 600)
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.histogram, observer: .summary(options)))
    let buckets = [Double](repeating: 0, count: HistogramBounds.standard.bucketCount)
    fixture.series(0, .histogram, [Row(row: 0, spelling: "h", values: [5] + buckets)])
    fixture.rows(.summaries, 0, [0]) { writer, _ in
      writer.append(varint: newest)
      writer.append(varint: 1)
      writer.append(varint: newest)
      writer.append(histogram: Int64(SummaryWindow.schema.number), [(2, 7)])
    }
    let aggregator = Aggregator.restoring(.all(observer: .summary(options)))
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(Owners.restoring(aggregator).restore(image).series == 1)
    var catalog = Catalog()
    catalog.update(from: aggregator)
    let family = try #require(catalog.families.first)
    aggregator.forEachSeries(of: family) { piece, index in
      #expect(piece.window(index)?.observations.count ?? 0 == shown)
    }
  }

  @Test func `the overflow series comes back as such`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(
      0, .counter,
      [
        Row(row: 0, spelling: #"a{weir_overflow="true"}"#, values: [5]),
        Row(row: 1, spelling: #"a{x="1"}"#, values: [1]),
      ])
    let aggregator = Aggregator.restoring {
      $0.overflow = .series
      $0.seriesPerNameMax = 2
    }
    #expect(Owners.restoring(aggregator).restore(fixture.image).series == 2)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c|#x:2")
    #expect(Contents(aggregator).values[.counter]?[#"a{weir_overflow="true"}"#] == 6)
    let used = aggregator.limitReading().used.first { $0.limit == .series }
    #expect(used?.count == 2)
    // It has its place also if it is the only one.
    var alone = StateFixture()
    alone.seriesClass(0, SeriesClass(.counter))
    alone.series(0, .counter, [Row(row: 0, spelling: #"a{weir_overflow="true"}"#, values: [5])])
    let single = Aggregator.restoring { $0.overflow = .series }
    #expect(Owners.restoring(single).restore(alone.image).series == 1)
    #expect(single.limitReading().used.first { $0.limit == .series }?.count == 1)
    // Without the option there is no place for it.
    let other = Owners.restoring(.restoring()).restore(fixture.image)
    #expect(other.series == 1)
    #expect(other.changed == 1)
  }

  @Test func `reserved names, clashes and series that are there twice are refused`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.seriesClass(1, SeriesClass(.histogram))
    fixture.series(
      0, .counter,
      [
        Row(row: 0, spelling: "weir_a", values: [1]), Row(row: 1, spelling: "b", values: [2]),
        Row(row: 2, spelling: "b", values: [3]), Row(row: 3, spelling: "h_sum", values: [4]),
      ])
    let buckets = [Double](repeating: 0, count: 15)
    fixture.series(
      1, .histogram,
      [
        Row(row: 0, spelling: "h", values: [0] + buckets),
        Row(row: 1, spelling: "b", values: [0] + buckets),
      ])
    let aggregator = Aggregator.restoring()
    let restored = Owners.restoring(aggregator).restore(fixture.image)
    #expect(restored.series == 2)
    #expect(restored.clashes == 4)
    #expect(Contents(aggregator).values[.counter] == ["b": 2, "h_sum": 4])
    // A series that is there twice takes its room once.
    let used = aggregator.limitReading().used
    #expect(used.first { $0.limit == .series }?.count == 2)
    #expect(used.first { $0.limit == .seriesPerName }?.count == 1)
    #expect(used.first { $0.limit == .exposedBytes }?.count == 6)
  }

  @Test func `quoted names begin anew where names are classic`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: #""a.b"{"c.d"="1"}"#, values: [1])])
    for names in [NameStyle.classic, .joinedDashes] {
      #expect(Owners.restoring(.restoring(names: names)).restore(fixture.image).changed == 1)
    }
    #expect(Owners.restoring(.restoring(names: .utf8)).restore(fixture.image).series == 1)
  }

  @Test func `nothing comes back from damage`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: "a", values: [1])])
    fixture.series(0, .counter, [Row(row: 1, spelling: "b", values: [-1])])
    let aggregator = Aggregator.restoring()
    let restored = Owners.restoring(aggregator).restore(fixture.image)
    #expect(restored.damage?.hasSuffix("is wrong: a counter is negative") == true)
    #expect(restored.series == 0)
    #expect(Contents(aggregator) == Contents())
  }

  @Test func `a name of which no series comes back leaves no class`() {
    var fixture = StateFixture()
    for number in 0..<2 {
      fixture.seriesClass(
        number, SeriesClass(.histogram, layout: HistogramBounds(upper: [1, 2 + Double(number)])),
        isPushed: true)
      fixture.series(
        number, .histogram, [Row(row: 0, spelling: "h\(number)", values: [3, 0, 1, 0, 0])])
    }
    func classes(_ rules: SeriesRules, seriesMax: Int) -> (restored: Int, classes: Int) {
      let aggregator = Aggregator.restoring(rules) { $0.seriesMax = seriesMax }
      let restored = Owners.restoring(aggregator).restore(fixture.image).series
      return (restored, aggregator.registry.withLock { $0.classes.count })
    }
    #expect(classes(SeriesRules(), seriesMax: 2) == (2, 6))
    #expect(classes(SeriesRules(), seriesMax: 1) == (1, 5))
    // Rules give the names other bounds than the clients did.
    var rules = SeriesRules()
    rules.bounds = [.init(NameGlob("h*"), HistogramBounds(upper: [9]))]
    #expect(classes(rules, seriesMax: 2) == (0, 4))
  }
}
