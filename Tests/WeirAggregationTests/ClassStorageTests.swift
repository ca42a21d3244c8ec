import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Series of several classes")
struct ClassStorageTests {
  private static var rules: SeriesRules {
    var rules = SeriesRules()
    rules.bounds = [.init(NameGlob("wide_*"), HistogramBounds(upper: [1, 100]))]
    rules.observers = [
      .init(NameGlob("*_summary"), .summary(SummaryOptions())),
      .init(NameGlob("*_native"), .native(NativeOptions(), keepsBuckets: false)),
    ]
    rules.lifetimes[.gauge] = 100
    rules.lifetimesByName = [.init(NameGlob("short_*"), 5)]
    return rules
  }

  private func classes(_ aggregator: Aggregator) -> [String: SeriesClass] {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    return Dictionary(
      uniqueKeysWithValues: catalog.families.map {
        (String(decoding: $0.name, as: UTF8.self), $0.seriesClass)
      })
  }

  @Test("keep their values side by side, each as its class says")
  func text() {
    let aggregator = Aggregator(rules: Self.rules)
    var ingest = Ingest(aggregator)
    ingest.apply(
      "plain:0.3|h", "wide_a:50:200|h", "wide_a:0.5|h|#k:v", "q_summary:3|ms", "q_native:3|d",
      "wide_native:5|h", "g:1|g", "short_g:2|g", "c:1|c", "s:m|s")
    let contents = Contents(aggregator)
    #expect(contents.histograms["plain"]?.buckets.firstIndex(of: 1) == 6)
    #expect(contents.histograms["wide_a"] == .init(sum: 250, buckets: [0, 1, 1]))
    #expect(contents.histograms[#"wide_a{k="v"}"#] == .init(sum: 0.5, buckets: [1, 0, 0]))
    for name in ["q_summary", "q_native"] {
      #expect(contents.histograms[name]?.buckets == [1])
    }
    #expect(contents.histograms["wide_native"] == .init(sum: 5, buckets: [1]))
    #expect(aggregator.native("q_native")?.count == 1)
    #expect(aggregator.native("wide_native")?.count == 1)
    #expect(aggregator.native("q_summary") == nil && aggregator.native("plain") == nil)
    let found = classes(aggregator)
    #expect(found["wide_a"]?.layout.upper == [1, 100])
    #expect(found["q_summary"]?.observer == .summary(SummaryOptions()))
    #expect(found["g"]?.lifetimeSeconds == 100 && found["short_g"]?.lifetimeSeconds == 5)
    #expect(found["c"] == SeriesClass(.counter))
  }

  @Test("expire each after the lifetime of its class")
  func lifetimes() {
    let aggregator = Aggregator(rules: Self.rules)
    var ingest = Ingest(aggregator)
    ingest.apply("g:1|g", "short_g:2|g", "short_c:1|c", "c:1|c", "short_h:1|h")
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(classes(aggregator).keys.sorted() == ["c", "g"])
    #expect(
      MetricKind.allCases.map { aggregator.counts().expired($0) } == [1, 1, 1, 0])
    for second in 21...130 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(classes(aggregator).keys.sorted() == ["c"])
    ingest.apply("short_g:7|g")
    #expect(Contents(aggregator).values[.gauge] == ["short_g": 7])
  }

  @Test("have the bounds that the first client gave; those of others fold into them")
  func pushed() throws {
    let aggregator = Aggregator(rules: Self.rules)
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    func frame(_ instance: UInt64, _ name: String, _ bounds: [Double]?, _ buckets: [Int: Double])
      -> Pushed
    {
      Pushed(
        instance: instance, sequence: 1,
        records: [
          PushedRecord(
            name,
            .histogram(bounds: bounds, sum: buckets.values.reduce(0, +), buckets: buckets))
        ])
    }
    try ingest.apply(frame(1, "llm_tokens", [100, 1_000, 10_000], [0: 1, 1: 2, 2: 3, 3: 4]))
    #expect(Contents(aggregator).histograms["llm_tokens"]?.buckets == [1, 2, 3, 4])
    try ingest.apply(frame(2, "llm_tokens", [50, 1_000], [0: 10, 1: 20, 2: 30]))
    #expect(Contents(aggregator).histograms["llm_tokens"]?.buckets == [11, 22, 3, 34])
    // A client without bounds of its own has those of the protocol.
    try ingest.apply(frame(3, "llm_tokens", nil, [13: 5, 14: 1]))
    #expect(Contents(aggregator).histograms["llm_tokens"]?.buckets == [11, 27, 3, 35])
    // Configured bounds override a client's, and these override the default.
    try ingest.apply(frame(4, "wide_p", [50, 100], [0: 1, 1: 2, 2: 4]))
    #expect(Contents(aggregator).histograms["wide_p"]?.buckets == [0, 3, 4])
    try ingest.apply(frame(5, "p", nil, [0: 1]))
    #expect(Contents(aggregator).histograms["p"]?.buckets.count == 15)
    // Text goes to the same series.
    var text = Ingest(aggregator)
    text.apply("llm_tokens:5000|h", "llm_tokens:3|h|#model:m")
    #expect(Contents(aggregator).histograms["llm_tokens"]?.buckets == [11, 27, 4, 35])
    #expect(Contents(aggregator).histograms[#"llm_tokens{model="m"}"#]?.buckets == [1, 0, 0, 0])
  }

  @Test(
    "give exponential totals to the bounds of their class, after an expiry to those of the next")
  func exponential() throws {
    var rules = SeriesRules()
    rules.lifetimes[.histogram] = 5
    let aggregator = Aggregator(rules: rules)
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    func total(_ sequence: UInt64, _ records: PushedRecord...) -> Pushed {
      Pushed(instance: 9, sequence: sequence, records: records)
    }
    let exponential = PushedRecord(
      "e", .exponential(schema: 0, sum: 10, zero: 0, positive: [0: 2, 2: 3, 5: 1]))
    try ingest.apply(
      Pushed(
        instance: 1, sequence: 1, isFinal: true,
        records: [PushedRecord("e", .histogram(bounds: [1, 8], sum: 1, buckets: [0: 1]))]))
    // 2 up to 1, 3 up to 4, 1 up to 32.
    try ingest.apply(total(1, exponential))
    #expect(Contents(aggregator).histograms["e"]?.buckets == [3, 3, 1])
    try ingest.apply(Pushed(instance: 9, sequence: 2, isFinal: true))
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).histograms.isEmpty)
    // Another client's bounds come first now.
    try ingest.apply(
      Pushed(
        instance: 2, sequence: 1,
        records: [PushedRecord("e", .histogram(bounds: [4], sum: 1, buckets: [1: 1]))]))
    try ingest.apply(total(3, exponential))
    #expect(Contents(aggregator).histograms["e"]?.buckets == [5, 2])
    #expect(Contents(aggregator).histograms["e"]?.sum == 11)
  }

  @Test("are removed with their last name, and a reused number does not mix them up")
  func reuse() throws {
    var rules = SeriesRules()
    for kind in MetricKind.allCases { rules.lifetimes[kind] = 3 }
    let aggregator = Aggregator(rules: rules, shards: 1)
    let owners = Owners(aggregator: aggregator)
    var catalog = Catalog()
    var second: UInt32 = 0
    var text = Ingest(aggregator)
    for round in 1...50 {
      var ingest = PushIngest(owners)
      // The number of bounds depends on the round, so that each table has rows of another width.
      let bounds = (0..<round).map { Double($0 * 10 + 5) }
      let record = PushedRecord(
        "h\(round % 3)", .histogram(bounds: bounds, sum: 7, buckets: [round - 1: 4, round: 1]))
      try ingest.apply(
        Pushed(instance: UInt64(round), sequence: 1, isFinal: true, records: [record]))
      text.apply("h\(round % 3):1e9|h")
      let expected = [Double](repeating: 0, count: round - 1) + [4, 2]
      #expect(Contents(aggregator).histograms["h\(round % 3)"]?.buckets == expected)
      catalog.update(from: aggregator)
      #expect(catalog.families.map(\.seriesClass.layout.upper) == [bounds])
      for _ in 0..<12 {
        second += 1
        aggregator.expire(atSecond: second)
      }
      #expect(aggregator.counts().series(.histogram) == 0)
      #expect(aggregator.counts().expired(.histogram) == round)
    }
    #expect(aggregator.sum(.histogram) { $0.series.rows.chunksHeld } == 0)
    let numbers = aggregator.shards[0].state.withLock { $0.tables.count }
    #expect(numbers <= 8)
  }

  @Test("are resolved again by every router after rules have changed")
  func epoch() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|h|#quantile:1", "b:1|h")
    var rules = SeriesRules()
    rules.observers = [.init(NameGlob("c"), .summary(SummaryOptions()))]
    rules.bounds = [.init(NameGlob("d"), HistogramBounds(upper: [2]))]
    aggregator.use(rules)
    ingest.apply("a:1|h|#quantile:1", "b:1|h", "c:1|h|#quantile:1", "d:1:3|h")
    let histograms = Contents(aggregator).histograms
    #expect(histograms[#"a{quantile="1"}"#]?.sum == 2)
    #expect(histograms[#"c{exported_quantile="1"}"#]?.buckets == [1])
    #expect(histograms["d"]?.buckets == [1, 1])
    // A name keeps its class until it has no series.
    rules.bounds = [.init(NameGlob("b"), HistogramBounds(upper: [2]))]
    aggregator.use(rules)
    ingest.apply("b:1|h", "b:1|h|#k:v")
    #expect(Contents(aggregator).histograms["b"]?.buckets.count == 15)
    #expect(Contents(aggregator).histograms[#"b{k="v"}"#]?.buckets.count == 15)
  }

  @Test("refuse a label that the lines of their class have, so that no page is invalid")
  func lineLabels() {
    var rules = SeriesRules()
    rules.observers = [.init(NameGlob("a"), .summary(SummaryOptions()))]
    let aggregator = Aggregator(rules: rules)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|h|#le:1", "b:1|h")
    aggregator.use(SeriesRules())
    // a is a summary until it has no series, and b a histogram.
    ingest.apply("a:2|h|#quantile:1", "a:2|h|#k:v", "b:1|h|#quantile:1")
    #expect(ingest.totals.refused == [.typeClash: 1])
    let series = Contents(aggregator).histograms.keys.sorted()
    #expect(series == [#"a{k="v"}"#, #"a{le="1"}"#, "b", #"b{quantile="1"}"#])
  }

  @Test("count a name without a class of its own once, whatever a limit refuses")
  func countsNames() throws {
    var limits = SeriesLimits()
    limits.namesMax = 502
    let aggregator = Aggregator(limits: limits)
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    for number in 0..<502 {
      let bounds = [Double(number + 1)]
      try ingest.apply(
        Pushed(
          sequence: UInt64(number + 1),
          records: [
            PushedRecord("h\(number)", .histogram(bounds: bounds, sum: 1, buckets: [0: 1]))
          ]))
    }
    func count() -> UInt64 { aggregator.registry.withLock { $0.classes.namesWithoutOwnClass } }
    #expect(count() == 2)
    for sequence in 600...650 as ClosedRange<UInt64> {
      try ingest.apply(
        Pushed(
          sequence: sequence,
          records: [PushedRecord("x", .histogram(bounds: [9_999], sum: 1, buckets: [0: 1]))]))
    }
    #expect(ingest.refusedSeries == [.tooManyNames: 51] && count() == 2)
  }

  @Test("have each their own fold of bounds that a frame has once")
  func sharedBounds() throws {
    for names in [["wide_p", "p"], ["p", "wide_p"]] {
      let aggregator = Aggregator(rules: Self.rules)
      var ingest = PushIngest(Owners(aggregator: aggregator))
      for (sequence, counts) in [(1, [1.0, 2, 3]), (2, [2.0, 4, 6])] {
        let buckets = Dictionary(uniqueKeysWithValues: counts.enumerated().map { ($0, $1) })
        let value = PushedRecord.Value.histogram(bounds: [50, 200], sum: 9, buckets: buckets)
        try ingest.apply(
          Pushed(sequence: UInt64(sequence), records: names.map { PushedRecord($0, value) }))
      }
      let histograms = Contents(aggregator).histograms
      #expect(histograms["p"]?.buckets == [2, 4, 6])
      #expect(histograms["wide_p"]?.buckets == [0, 2, 10])
    }
  }

  @Test("do not count a baseline when a series comes back with other bounds")
  func baseline() throws {
    var rules = SeriesRules()
    rules.lifetimes[.histogram] = 5
    let server = PushServer(Aggregator(rules: rules), atSecond: 100)
    var ingest = PushIngest(server.owners)
    func frame(_ sequence: UInt64, _ first: Double, isFinal: Bool = false) -> Pushed {
      let value = PushedRecord.Value.exponential(
        schema: 0, sum: first * 2, zero: 0, positive: [1: first, 5: 3])
      return Pushed(
        instance: 9, sequence: sequence, age: 1_000_000, isFinal: isFinal,
        records: [PushedRecord("e", value, time: 0)])
    }
    try ingest.apply(frame(1, 10))
    try ingest.apply(frame(2, 14, isFinal: true))
    #expect(server.contents.histograms["e"]?.buckets.reduce(0, +) == 4)
    server.pass(101...120)
    #expect(server.contents.histograms.isEmpty)
    try ingest.apply(
      Pushed(
        instance: 2, sequence: 1,
        records: [PushedRecord("e", .histogram(bounds: [2, 64], sum: 1, buckets: [2: 1]))]))
    // All that it has gained since the baseline, and nothing else: 5 up to 2.
    try ingest.apply(frame(3, 15))
    #expect(server.contents.histograms["e"]?.buckets == [5, 0, 1])
  }
}
