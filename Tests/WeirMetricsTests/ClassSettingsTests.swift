import Testing
import WeirMetrics

@Suite("What a mapping rule says of a class")
struct ClassSettingsTests {
  static let flags = {
    var rules = SeriesRules()
    rules.defaultBounds = HistogramBounds(upper: [1, 2])
    rules.lifetimes[.gauge] = 60
    return rules
  }()

  private func made(
    _ settings: ClassSettings, of kind: MetricKind = .histogram, over flags: SeriesRules = flags
  ) -> SeriesClass {
    flags.seriesClass(of: kind, named: Array("a".utf8), asked: .settings(settings))
  }

  @Test func `that say nothing leave everything to the flags`() {
    let settings = ClassSettings()
    for kind in MetricKind.allCases {
      #expect(
        made(settings, of: kind)
          == SeriesClass(
            kind, layout: HistogramBounds(upper: [1, 2]), lifetimeSeconds: kind == .gauge ? 60 : nil
          ))
    }
  }

  @Test func `are completed by the defaults`() {
    var defaults = ClassSettings()
    defaults.observing = .summary
    defaults.quantiles = [0.5]
    defaults.maxAgeSeconds = 60
    defaults.lifetimeSeconds = 5
    defaults.bounds = HistogramBounds(upper: [1])
    var own = ClassSettings()
    own.quantiles = [0.9]
    let both = own.over(defaults)
    #expect(both.observing == .summary)
    #expect(both.quantiles == [0.9])
    #expect(both.maxAgeSeconds == 60)
    #expect(both.lifetimeSeconds == 5)
    #expect(both.bounds == HistogramBounds(upper: [1]))
    let made = self.made(both)
    #expect(
      made.observer == .summary(SummaryOptions(quantiles: [0.9], maxAgeSeconds: 60, ageBuckets: 5)))
    #expect(made.lifetimeSeconds == 5)
  }

  @Test func `have no more age buckets than seconds`() {
    var settings = ClassSettings()
    settings.observing = .summary
    settings.maxAgeSeconds = 2
    let made = self.made(settings)
    #expect(made.observer.summary == SummaryOptions(maxAgeSeconds: 2, ageBuckets: 2))
  }

  typealias Native = ClassSettings.Native

  @Test(
    "of native histograms are completed one by one",
    arguments: [
      (nil, nil, nil), (.off, .on(factor: 2, bucketsMax: 3), .off),
      (
        .on(factor: 2, bucketsMax: nil), .on(factor: 4, bucketsMax: 3),
        .on(factor: 2, bucketsMax: 3)
      ),
      (
        .on(factor: nil, bucketsMax: 7), .on(factor: 4, bucketsMax: 3),
        .on(factor: 4, bucketsMax: 7)
      ),
      (.on(factor: nil, bucketsMax: 7), .off, .off),
      (.on(factor: 2, bucketsMax: nil), .off, .on(factor: 2, bucketsMax: nil)),
      (nil, .on(factor: 4, bucketsMax: nil), .on(factor: 4, bucketsMax: nil)),
      (.on(factor: nil, bucketsMax: 7), nil, .on(factor: nil, bucketsMax: 7)),
    ] as [(Native?, Native?, Native?)])
  func native(_ own: Native?, _ defaults: Native?, _ expected: Native?) {
    var (settings, others) = (ClassSettings(), ClassSettings())
    settings.native = own
    others.native = defaults
    #expect(settings.over(others).native == expected)
  }

  @Test func `say how native histograms are kept`() {
    var settings = ClassSettings()
    settings.native = .on(factor: 1.1, bucketsMax: 256)
    let schema = ExponentialSchema(growthFactor: 1.1)
    #expect(
      made(settings).observer
        == .native(NativeOptions(schema: schema, bucketsMax: 256), keepsBuckets: true))
    var flags = Self.flags
    let coarse = NativeOptions(schema: .coarsest, bucketsMax: 9)
    flags.defaultObserver = .native(coarse, keepsBuckets: false)
    #expect(
      made(ClassSettings(), over: flags).observer == .native(coarse, keepsBuckets: false))
    settings.native = .off
    #expect(made(settings, over: flags).observer == .buckets)
    settings.native = nil
    settings.bounds = HistogramBounds(upper: [7])
    let made = self.made(settings, over: flags)
    #expect(made.observer.keepsBuckets)
    #expect(made.layout == HistogramBounds(upper: [7]))
  }

  @Test func `take details from flags that ask for the other observer`() {
    var flags = Self.flags
    flags.details.summary = SummaryOptions(quantiles: [0.25], maxAgeSeconds: 30, ageBuckets: 3)
    flags.details.histogram = .native(NativeOptions(bucketsMax: 9), keepsBuckets: true)
    var settings = ClassSettings()
    settings.observing = .summary
    settings.ageBuckets = 2
    #expect(
      made(settings, over: flags).observer
        == .summary(SummaryOptions(quantiles: [0.25], maxAgeSeconds: 30, ageBuckets: 2)))
    flags.defaultObserver = .summary(SummaryOptions(quantiles: [0.75]))
    #expect(made(settings, over: flags).observer.summary?.quantiles == [0.75])
    settings.observing = .histogram
    #expect(
      made(settings, over: flags).observer
        == .native(NativeOptions(bucketsMax: 9), keepsBuckets: true))
    #expect(made(ClassSettings(), over: flags).observer.summary?.quantiles == [0.75])
  }

  @Test func `win over flags for a name`() {
    var flags = Self.flags
    flags.bounds = [.init(NameGlob("a"), HistogramBounds(upper: [5]))]
    flags.lifetimesByName = [.init(NameGlob("a"), nil)]
    #expect(made(ClassSettings(), over: flags).layout == HistogramBounds(upper: [5]))
    var settings = ClassSettings()
    settings.bounds = HistogramBounds(upper: [6])
    settings.lifetimeSeconds = 7
    #expect(made(settings, over: flags).layout == HistogramBounds(upper: [6]))
    #expect(made(settings, of: .gauge, over: flags).lifetimeSeconds == 7)
    #expect(made(ClassSettings(), of: .gauge, over: flags).lifetimeSeconds == nil)
  }

  @Test func `make neither summaries nor lifetimes of what is forwarded, except of sets`() {
    var settings = ClassSettings()
    settings.observing = .summary
    settings.lifetimeSeconds = 7
    for kind in MetricKind.allCases {
      let made = made(settings, of: kind, over: SeriesRules().forwarding)
      #expect(made.lifetimeSeconds == (kind == .set ? 7 : nil))
      if kind == .histogram {
        #expect(made.observer == .native(NativeOptions(), keepsBuckets: false))
      }
    }
    settings.observing = .histogram
    settings.bounds = HistogramBounds(upper: [1])
    #expect(
      made(settings, over: SeriesRules().forwarding)
        == SeriesClass(.histogram, layout: HistogramBounds(upper: [1])))
  }
}
