import TestSupport
import Testing
import WeirMetrics
import WeirWire

@testable import WeirAggregation

@Suite("A rule that changes samples")
struct SampleChangeTests {
  /// An aggregator whose rule turns the metric `m` into `n`.
  private func turning(
    into kind: MetricKind, scale: Double? = nil
  ) -> (Aggregator, NamedRules) {
    let rules = NamedRules { name, _ in
      name.hasPrefix("m") ? .renamed("n", kind) { $0.scale = scale } : .asSent(.nothing)
    }
    return (Aggregator(identityRules: rules), rules)
  }

  @Test(
    "multiplies each value, of whatever type",
    arguments: [
      (["m:3|c", "m:1:2|c|@0.5"], .counter, 2, 18), (["m:3|c"], .counter, 0.001, 0.003),
      (["m:5|g"], .gauge, 3, 15), (["m:5|g", "m:+2|g", "m:-4|g"], .gauge, 10, 30),
      (["m:5|g", "m:7|g"], .gauge, -1, -7), (["m:0|c"], .counter, 0, 0),
      (["m:-4|c"], .counter, -2, 8),
    ] as [([String], MetricKind, Double, Double)])
  func scales(_ lines: [String], _ kind: MetricKind, _ scale: Double, _ value: Double) {
    let (aggregator, _) = turning(into: kind, scale: scale)
    var ingest = Ingest(aggregator, options: .mapped)
    for line in lines { ingest.apply(line) }
    #expect(Contents(aggregator).values == [kind: ["n": value]])
    #expect(ingest.totals.refused == [:])
  }

  @Test func `multiplies observations in seconds, and keeps their sample rate`() {
    let (aggregator, _) = turning(into: .histogram, scale: 1_000)
    var ingest = Ingest(aggregator)
    // 250 ms are 0.25 s, and 250 after the scale.
    ingest.apply("m:250|ms|@0.5", "m:0.002:0.004|h")
    let histogram = Contents(aggregator).histograms["n"]
    #expect(histogram?.sum == 506)
    // The last bound is 120.
    #expect(histogram?.buckets.last == 2)
    #expect(histogram?.buckets.reduce(0, +) == 4)
  }

  @Test func `does not change members of a set`() {
    let (aggregator, _) = turning(into: .set, scale: 7)
    var ingest = Ingest(aggregator)
    ingest.apply("m:1|s", "m:2|s", "n:1|s")
    #expect(Contents(aggregator).values == [.set: ["n": 2]])
  }

  @Test(
    "turns a type into another",
    arguments: [
      // A counter's changes move the gauge.
      (["m:5|c", "m:-2|c", "m:1:1|c|@0.5"], .gauge, ["n": 7]),
      (["m:+5|g", "m:3|g", "m:0|g"], .counter, ["n": 8]),
      (["m:2:3|h|@0.5", "m:4000|ms"], .counter, ["n": 14]),
      (["m:2:9|h|@0.5", "m:4|d"], .gauge, ["n": 4]),
    ] as [([String], MetricKind, [String: Double])])
  func turns(_ lines: [String], _ kind: MetricKind, _ values: [String: Double]) {
    let (aggregator, _) = turning(into: kind)
    var ingest = Ingest(aggregator, options: .mapped)
    for line in lines { ingest.apply(line) }
    #expect(Contents(aggregator).values == [kind: values])
    #expect(ingest.totals.refused == [:])
    #expect(ingest.totals.applied[kind.index] == ingest.totals.mapped)
  }

  @Test func `turns numbers into observations, each with the weight 1`() {
    let (aggregator, _) = turning(into: .histogram)
    var ingest = Ingest(aggregator, options: .mapped)
    ingest.apply("m:2:-3|c|@0.5", "m:+5|g", "m:-1|g")
    let histogram = Contents(aggregator).histograms["n"]
    // The rate of a counter is in its value.
    #expect(histogram?.sum == 2)
    #expect(histogram?.buckets.reduce(0, +) == 4)
  }

  @Test func `turns numbers into members of a set`() {
    let (aggregator, _) = turning(into: .set)
    var ingest = Ingest(aggregator, options: .mapped)
    ingest.apply("m:1:2|c", "m:2|g", "m:2|h", "m:3|h", "m:2.0|c")
    #expect(Contents(aggregator).values == [.set: ["n": 3]])
  }

  @Test(
    "refuses a counter below 0, which makes no series",
    arguments: [
      ("m:-1|c", .counter, nil), ("m:2:-1|c", .counter, 1), ("m:1|c", .counter, -1),
      ("m:-1|g", .counter, nil), ("m:-1|h", .counter, 2),
    ] as [(String, MetricKind, Double?)])
  func negative(_ line: String, _ kind: MetricKind, _ scale: Double?) {
    let (aggregator, rules) = turning(into: kind, scale: scale)
    var ingest = Ingest(aggregator, options: .mapped)
    for _ in 0..<2 { ingest.apply(line) }
    #expect(ingest.totals.refused == [.negativeCounter: 2])
    #expect(aggregator.counts().series(.counter) == 0)
    // The refusal is for the value, so that the identity is asked about again.
    #expect(rules.asked == 2)
    #expect(ingest.totals.mapped == 2 && ingest.totals.mappedRefused == 2)
    let good = (scale ?? 1) < 0 ? "m:-3|c" : line.replacing("-1", with: "3")
    ingest.apply(good)
    let before = Contents(aggregator)
    #expect(before.values[.counter]?["n"] ?? 0 > 0)
    // Now from the memo.
    ingest.apply(line)
    #expect(ingest.totals.refused == [.negativeCounter: 3])
    #expect(ingest.totals.mappedRefused == 3)
    #expect(ingest.totals.mapped == 3 + ingest.totals.applied.reduce(0, +))
    #expect(Contents(aggregator) == before)
  }

  @Test func `leaves counters below 0 refused where no rule changes them`() {
    let rules = NamedRules(["a": .renamed("b", .counter), "c": .dropped])
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator, options: .mapped)
    for _ in 0..<2 { ingest.apply("a:-1|c", "plain:-1|c", "c:-1|c", "plain:2:-1|c") }
    #expect(ingest.totals.refused == [.negativeCounter: 6] && ingest.totals.dropped == 2)
    #expect(Contents(aggregator).values == [:])
    ingest.apply("a:1|c", "plain:1|c", "a:-1|c", "plain:-1|c")
    #expect(Contents(aggregator).values == [.counter: ["b": 1, "plain": 1]])
    #expect(ingest.totals.refused == [.negativeCounter: 8])
  }

  @Test("refuses what becomes infinite", arguments: ["m:1e200|c", "m:1e200|g", "m:1e200|h"])
  func infinite(_ line: String) {
    let rules = NamedRules { _, kind in .renamed("n", kind) { $0.scale = 1e200 } }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    ingest.apply(line)
    #expect(ingest.totals.refused == [.infinite: 1])
    #expect(aggregator.counts().series(.counter) == 0 && Contents(aggregator) == Contents())
    ingest.apply(line.replacing("1e200", with: "1"), line)
    #expect(ingest.totals.refused == [.infinite: 2])
  }

  @Test("changes a sample once, also where its series has expired", arguments: [-1, 1e200])
  func expired(_ scale: Double) {
    var settings = ClassSettings()
    settings.lifetimeSeconds = 2
    let asked = AskedClass.settings(settings)
    let rules = NamedRules { _, kind in
      .renamed("n", .counter) {
        $0.scale = scale
        $0.asked = asked
      }
    }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator, options: .mapped)
    let value = scale < 0 ? "-3" : "1e100"
    ingest.apply("m:\(value)|c")
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).values == [:])
    // The memo still has the lease of the series that has expired.
    ingest.apply("m:\(value)|c")
    #expect(Contents(aggregator).values == [.counter: ["n": scale < 0 ? 3 : 1e100 * scale]])
    #expect(ingest.totals.refused == [:])
  }

  @Test func `does not confuse the changes of many identities`() {
    // More than the router remembers.
    let count = 70_000
    let rules = NamedRules { name, _ in
      .renamed("n", .counter, [("of", name)]) { $0.scale = Double(name.dropFirst()) ?? 0 }
    }
    var limits = SeriesLimits()
    limits.seriesPerNameMax = count
    let aggregator = Aggregator(identityRules: rules, limits: limits)
    var ingest = Ingest(aggregator)
    for start in stride(from: 0, to: count, by: 1_000) {
      ingest.apply((start..<start + 1_000).map { "m\($0):1|c|#bare" })
    }
    ingest.apply((0..<1_000).map { "m\($0):1|c|#bare" })
    let values = Contents(aggregator).values[.counter] ?? [:]
    #expect(values.count == count)
    for (series, value) in values {
      let number = Double(series.dropFirst(#"n{of="m"#.count).dropLast(2)) ?? -1
      if value != (number < 1_000 ? 2 : 1) * number { Issue.record("\(series) is \(value)") }
    }
    #expect(ingest.totals.tagsDropped == count + 1_000)
  }

  @Test("gives the same values as plain arithmetic", arguments: 0..<20 as Range<UInt64>)
  func oracle(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let model = NaiveChanges(&random)
    let aggregator = Aggregator(identityRules: model.rules, shards: 4)
    var expected = Contents()
    var first = Ingest(aggregator, options: .mapped)
    var refused = 0
    for _ in 0..<40 {
      let lines = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        model.line(&random, &expected, &refused)
      }
      first.apply(lines)
    }
    #expect(Contents(aggregator) == expected)
    #expect(first.totals.refused == (refused > 0 ? [.negativeCounter: refused] : [:]))
  }
}

/// Random rules that change samples, and what lines come to, in dictionaries.
private struct NaiveChanges {
  struct Rule {
    let kind: MetricKind
    let scale: Double?
  }

  /// By the name that is sent, and its kind. Each has a series of its own.
  private let table: [String: Rule]
  private let bounds = HistogramBounds.standard.upper

  init(_ random: inout SeededGenerator) {
    var table: [String: Rule] = [:]
    for name in 0..<8 {
      for sent in [MetricKind.counter, .gauge, .histogram] {
        let kind = random.oneIn(2) ? sent : random.pick([.counter, .gauge, .histogram])
        let scale = random.oneIn(2) ? nil : random.pick([0.5, 4, -2, 0])
        table["m\(name) \(sent.label)"] = Rule(kind: kind, scale: scale)
      }
    }
    self.table = table
  }

  var rules: NamedRules {
    NamedRules { [table] name, sent in
      guard let rule = table["\(name) \(sent.label)"] else { return .asSent(.nothing) }
      return .renamed("\(name)_\(sent.label)", rule.kind) { $0.scale = rule.scale }
    }
  }

  /// A line, which is counted in `contents`, or in `refused`.
  func line(
    _ random: inout SeededGenerator, _ contents: inout Contents, _ refused: inout Int
  ) -> String {
    let sent = random.pick([MetricKind.counter, .gauge, .histogram])
    let name = "m\(Int.random(in: 0..<8, using: &random))"
    let rule = table["\(name) \(sent.label)"] ?? Rule(kind: sent, scale: nil)
    let values = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      Double(Int.random(in: -40...200, using: &random)) / 8
    }
    let rate = sent == .gauge ? 1 : random.pick([1, 0.5, 0.25])
    // Of gauges, either all values have a sign or none has.
    let isRelative = sent == .gauge && random.oneIn(2)
    let shown = values.map { sent == .gauge && !isRelative ? $0.magnitude : $0 }
    let text = shown.map { isRelative && $0 >= 0 ? "+\($0)" : "\($0)" }.joined(separator: ":")
    let type = [MetricKind.counter: "c", .gauge: "g", .histogram: "h"][sent] ?? ""
    let series = "\(name)_\(sent.label)"
    var changed = shown.map { $0 * (rule.scale ?? 1) }
    if rule.kind == .counter, changed.contains(where: { $0 < 0 }) {
      refused += 1
    } else {
      if sent == .counter || rule.kind == .counter { changed = changed.map { $0 / rate } }
      let isSetting = sent == .histogram || sent == .gauge && !isRelative
      let weight = sent == .histogram ? 1 / rate : 1
      for value in changed {
        add(value, to: series, rule.kind, isSetting: isSetting, weight: weight, &contents)
      }
    }
    return "\(name):\(text)|\(type)" + (rate == 1 ? "" : "|@\(rate)")
  }

  private func add(
    _ value: Double, to series: String, _ kind: MetricKind, isSetting: Bool, weight: Double,
    _ contents: inout Contents
  ) {
    switch kind {
    case .counter: contents.values[.counter, default: [:]][series, default: 0] += value
    case .gauge:
      let before = isSetting ? 0 : contents.values[.gauge]?[series] ?? 0
      contents.values[.gauge, default: [:]][series] = before + value
    case .histogram:
      var histogram =
        contents.histograms[series]
        ?? Contents.Histogram(buckets: [Double](repeating: 0, count: bounds.count + 1))
      histogram.sum += value * weight
      histogram.buckets[bounds.firstIndex { value <= $0 } ?? bounds.count] += weight
      contents.histograms[series] = histogram
    case .set: break
    }
  }
}
