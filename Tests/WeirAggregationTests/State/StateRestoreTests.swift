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
  }

  @Test func `quoted names begin anew where names are classic`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 0, spelling: #""a.b"{"c.d"="1"}"#, values: [1])])
    #expect(Owners.restoring(.restoring()).restore(fixture.image).changed == 1)
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
}
