import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("The class of a series that a rule gives")
struct MappedClassTests {
  /// Rules that ask for settings by the name that was sent; `other` goes by the file's defaults.
  private func aggregator(
    _ settings: [String: ClassSettings], defaults: ClassSettings = ClassSettings(),
    flags: SeriesRules = SeriesRules(), into name: String? = nil
  ) -> Aggregator {
    Aggregator(
      rules: flags,
      identityRules: NamedRules { sent, kind in
        guard let settings = settings[sent] else { return .asSent(.settings(defaults)) }
        return .renamed(name ?? "\(sent)_mapped", kind, [("of", sent)]) {
          $0.asked = .settings(settings)
        }
      })
  }

  private func settings(_ change: (inout ClassSettings) -> Void) -> ClassSettings {
    var settings = ClassSettings()
    change(&settings)
    return settings
  }

  private func seriesClass(_ name: String, _ aggregator: Aggregator) -> SeriesClass? {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    return catalog.families.first { $0.name == Array(name.utf8) }?.seriesClass
  }

  @Test func `is what the rule, the file's defaults and the flags say, in this order`() {
    var flags = SeriesRules()
    flags.defaultObserver = .summary(SummaryOptions(quantiles: [0.25]))
    flags.defaultBounds = HistogramBounds(upper: [9])
    flags.lifetimes[.counter] = 50
    let aggregator = aggregator(
      [
        "buckets": settings {
          $0.observing = .histogram
          $0.bounds = HistogramBounds(upper: [1, 2])
        },
        "summary": settings {
          $0.quantiles = [0.5, 1]
          $0.maxAgeSeconds = 20
        },
        "native": settings {
          $0.observing = .histogram
          $0.native = .on(factor: 2, bucketsMax: 9)
        },
        "brief": settings { $0.lifetimeSeconds = 7 },
      ],
      defaults: settings {
        $0.observing = .histogram
        $0.bounds = HistogramBounds(upper: [3])
        $0.lifetimeSeconds = 30
      }, flags: flags)
    var ingest = Ingest(aggregator)
    ingest.apply(
      "buckets:1|h", "summary:1|h", "native:1|h", "brief:1|c", "other:1|h", "plain:1|c")
    #expect(
      seriesClass("buckets_mapped", aggregator)
        == SeriesClass(.histogram, layout: HistogramBounds(upper: [1, 2])))
    #expect(
      seriesClass("summary_mapped", aggregator)
        == SeriesClass(
          .histogram,
          observer: .summary(
            SummaryOptions(quantiles: [0.5, 1], maxAgeSeconds: 20, ageBuckets: 5))))
    #expect(
      seriesClass("native_mapped", aggregator)
        == SeriesClass(
          .histogram, layout: HistogramBounds(upper: [9]),
          observer: .native(
            NativeOptions(schema: ExponentialSchema(growthFactor: 2), bucketsMax: 9),
            keepsBuckets: true)))
    #expect(
      seriesClass("brief_mapped", aggregator) == SeriesClass(.counter, lifetimeSeconds: 7))
    #expect(
      seriesClass("other", aggregator)
        == SeriesClass(.histogram, layout: HistogramBounds(upper: [3]), lifetimeSeconds: 30))
    #expect(seriesClass("plain", aggregator) == SeriesClass(.counter, lifetimeSeconds: 30))
  }

  @Test func `is that of the first sample of a name, for all of its series`() {
    let small = settings { $0.bounds = HistogramBounds(upper: [1]) }
    let large = settings { $0.bounds = HistogramBounds(upper: [10, 20]) }
    let aggregator = aggregator(["small": small, "large": large], into: "n")
    var first = Ingest(aggregator)
    var second = Ingest(aggregator)
    first.apply("small:5|h")
    second.apply("large:15|h")
    first.apply("large:15|h", "small:0.5|h")
    #expect(
      Contents(aggregator).histograms == [
        #"n{of="small"}"#: .init(sum: 5.5, buckets: [1, 1]),
        #"n{of="large"}"#: .init(sum: 30, buckets: [0, 2]),
      ])
  }

  @Test func `gives each of its series the lifetime of the rule`() {
    let aggregator = aggregator([
      "brief": settings { $0.lifetimeSeconds = 5 }, "long": settings { $0.lifetimeSeconds = 60 },
    ])
    var ingest = Ingest(aggregator)
    ingest.apply("brief:1|c", "long:1|g", "other:1|c")
    for second in 1...5 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    ingest.apply("brief:1|c")
    for second in 6...10 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).values[.counter]?.count == 2)
    for second in 11...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(
      Contents(aggregator).values
        == [.counter: ["other": 1], .gauge: [#"long_mapped{of="long"}"#: 1]])
    for second in 21...90 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).values == [.counter: ["other": 1]])
    // It begins anew.
    ingest.apply("brief:3|c")
    #expect(Contents(aggregator).values[.counter]?[#"brief_mapped{of="brief"}"#] == 3)
  }

  @Test func `decides which label is its own`() {
    let aggregator = aggregator([
      "s": settings { $0.observing = .summary }, "h": settings { $0.observing = .histogram },
    ])
    var ingest = Ingest(aggregator)
    ingest.apply("s:1|h|#le:x,quantile:y", "h:1|h|#le:x,quantile:y")
    #expect(
      Set(Contents(aggregator).histograms.keys) == [
        #"s_mapped{exported_quantile="y",le="x",of="s"}"#,
        #"h_mapped{exported_le="x",of="h",quantile="y"}"#,
      ])
  }
}

@Suite("The help of a metric that rules give")
struct MappedHelpTests {
  private func aggregator(_ helps: [String: String]) -> Aggregator {
    var settings = ClassSettings()
    settings.lifetimeSeconds = 2
    let asked = AskedClass.settings(settings)
    return Aggregator(
      identityRules: NamedRules { name, kind in
        .renamed("n", .counter, [("of", name)]) {
          $0.help = helps[name]
          $0.asked = asked
        }
      })
  }

  private func help(_ aggregator: Aggregator) -> String? {
    aggregator.meta(of: Array("n".utf8))?.help
  }

  @Test func `is the first, whatever label sets and rules follow`() {
    let aggregator = aggregator(["a": "first", "b": "second"])
    var ingest = Ingest(aggregator)
    ingest.apply("none:1|c")
    #expect(help(aggregator) == nil)
    ingest.apply("a:1|c")
    ingest.apply("b:1|c", "b:1|c|#k:v", "none:1|c")
    var other = Ingest(aggregator)
    other.apply("b:1|c")
    #expect(help(aggregator) == "first")
    #expect(Contents(aggregator).values[.counter]?.count == 4)
  }

  @Test func `stays when all series have expired, and is not that of a sample that was refused`() {
    let aggregator = aggregator(["a": "first", "b": "second"])
    var ingest = Ingest(aggregator, options: .mapped)
    ingest.apply("a:-1|c")
    #expect(ingest.totals.refused == [.negativeCounter: 1])
    ingest.apply("b:1|c")
    #expect(help(aggregator) == "second")
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(help(aggregator) == nil)
    ingest.apply("a:1|c|#k:v")
    #expect(help(aggregator) == "second")
  }

  @Test func `is not that of a rule that wants another type`() {
    let rules = NamedRules { name, kind in
      .renamed("n", kind) { $0.help = name == "a" ? nil : "\(kind.label)'s" }
    }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:1|g")
    #expect(ingest.totals.refused == [.typeClash: 1])
    #expect(help(aggregator) == nil)
    ingest.apply("b:1|c")
    #expect(help(aggregator) == "counter's")
  }

  @Test func `is not kept for names that find no room`() {
    var limits = SeriesLimits()
    limits.namesMax = 1
    let rules = NamedRules { name, kind in .renamed(name, kind) { $0.help = "help" } }
    let aggregator = Aggregator(identityRules: rules, limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:1|c")
    #expect(ingest.totals.refused == [.tooManyNames: 1])
    let metas = aggregator.registry.withLock { $0.allMetas.map(\.name) }
    #expect(metas == [Array("a".utf8)])
  }

  @Test func `may be as long as a mapping file allows`() {
    let longest = String(repeating: "x", count: FamilyMeta.mappedHelpBytesMax)
    let aggregator = aggregator(["a": longest + "x", "b": longest])
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c")
    #expect(help(aggregator) == nil)
    ingest.apply("b:1|c")
    #expect(help(aggregator) == longest)
  }

  @Test func `leaves unit and help that a client has pushed`() {
    let aggregator = aggregator(["a": "rule's"])
    let name = Array("n".utf8)
    aggregator.keep(FamilyMeta(unit: "seconds", help: nil), of: name)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c")
    #expect(aggregator.meta(of: name) == FamilyMeta(unit: "seconds", help: "rule's"))
    aggregator.keep(FamilyMeta(unit: "seconds", help: "pushed"), of: name)
    ingest.apply("a:1|c|#k:v")
    #expect(help(aggregator) == "pushed")
  }
}
