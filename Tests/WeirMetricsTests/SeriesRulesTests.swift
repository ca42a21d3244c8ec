import Testing

@testable import WeirMetrics

@Suite("The class of a series")
struct SeriesRulesTests {
  private func bounds(_ upper: Double...) -> HistogramBounds { HistogramBounds(upper: upper) }

  private func layout(_ rules: SeriesRules, _ name: String, pushed: HistogramBounds? = nil)
    -> [Double]
  {
    rules.seriesClass(
      of: .histogram, named: Array(name.utf8),
      asked: pushed.map(AskedClass.bounds) ?? .nothing
    ).layout.upper
  }

  @Test("has the bounds of the first rule that matches, then a client's, then the default")
  func order() {
    var rules = SeriesRules()
    rules.defaultBounds = bounds(7)
    rules.bounds = [
      .init(NameGlob("llm_*"), bounds(1)), .init(NameGlob("*_tokens"), bounds(2)),
    ]
    #expect(layout(rules, "llm_tokens", pushed: bounds(3)) == [1])
    #expect(layout(rules, "all_tokens", pushed: bounds(3)) == [2])
    #expect(layout(rules, "latency", pushed: bounds(3)) == [3])
    #expect(layout(rules, "latency") == [7])
  }

  @Test("has the lifetime of the first rule that matches, then that of its kind")
  func lifetimes() {
    var rules = SeriesRules()
    rules.lifetimes[.gauge] = 60
    rules.lifetimesByName = [.init(NameGlob("a*"), nil), .init(NameGlob("ab*"), 5)]
    func lifetime(_ kind: MetricKind, _ name: String) -> UInt32? {
      rules.seriesClass(of: kind, named: Array(name.utf8)).lifetimeSeconds
    }
    #expect(lifetime(.gauge, "abc") == nil)
    #expect(lifetime(.gauge, "b") == 60)
    #expect(lifetime(.counter, "b") == nil)
    rules.lifetimesByName.reverse()
    #expect(lifetime(.counter, "abc") == 5)
  }

  @Test("has no bounds without classic buckets, and an observer only for histograms")
  func canonical() {
    let native = Observer.native(NativeOptions(), keepsBuckets: false)
    #expect(SeriesClass(.histogram, observer: .summary(SummaryOptions())).layout == .none)
    #expect(SeriesClass(.histogram, observer: native).layout == .none)
    #expect(
      SeriesClass(.histogram, observer: .native(NativeOptions(), keepsBuckets: true)).layout
        == .standard)
    #expect(SeriesClass(.counter, layout: bounds(1), observer: native) == SeriesClass(.counter))
    #expect(SeriesClass(.counter) != SeriesClass(.gauge))
    #expect(SeriesClass(.counter) != SeriesClass(.counter, lifetimeSeconds: 1))
  }

  @Test("has the number of lines of its series in a scrape")
  func lines() {
    #expect(SeriesClass(.counter).linesPerSeries == 1)
    #expect(SeriesClass(.set).linesPerSeries == 1)
    #expect(SeriesClass(.histogram).linesPerSeries == 17)
    #expect(SeriesClass(.histogram, layout: bounds(1, 2)).linesPerSeries == 5)
    let summary = Observer.summary(SummaryOptions(quantiles: [0.5, 0.9]))
    #expect(SeriesClass(.histogram, observer: summary).linesPerSeries == 4)
  }

  @Test("has the observer of the first rule that matches")
  func observers() {
    var rules = SeriesRules()
    #expect(rules.hasOneObserver)
    rules.observers = [.init(NameGlob("*_wait"), .summary(SummaryOptions()))]
    #expect(!rules.hasOneObserver)
    #expect(rules.observer(of: Array("queue_wait".utf8)) == .summary(SummaryOptions()))
    #expect(rules.observer(of: Array("queue".utf8)) == .buckets)
  }

  @Test("tells the buckets of the widest histogram, and how many classes there can be")
  func most() {
    var rules = SeriesRules()
    #expect(rules.bucketCountMax == 15 && rules.classCountMax == 4)
    rules.bounds = [
      .init(NameGlob("a"), bounds(1, 2)),
      .init(NameGlob("b"), HistogramBounds(upper: (0..<40).map(Double.init))),
    ]
    #expect(rules.bucketCountMax == 41 && rules.classCountMax == 6)
    rules.bounds.removeLast()
    rules.observers = [.init(NameGlob("c"), .summary(SummaryOptions()))]
    rules.lifetimesByName = [.init(NameGlob("d"), nil)]
    #expect(rules.bucketCountMax == 15 && rules.classCountMax == 14)
  }
}
