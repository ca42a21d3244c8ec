import Testing
import WeirBytes
import WeirMetrics
import WeirWire

@testable import WeirAggregation

@Suite("An identity that a rule renames")
struct RenamedIdentityTests {
  @Test func `has the name, labels and tags of one series, and is asked about once`() {
    let rules = NamedRules([
      "http.get.200": .renamed("http_requests", .counter, [("code", "200"), ("verb", "get")]),
      "http.post.200": .renamed("http_requests", .counter, [("code", "200"), ("verb", "post")]),
    ])
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    for round in 1...3 {
      ingest.apply(
        "http.get.200:1:2|c", "http.post.200:4|c|#zone:a,bare", "http[zone=a].get.200:8|c",
        "other:1|c|#zone:a")
      #expect(rules.asked == 4, "round \(round)")
    }
    #expect(
      Contents(aggregator).values == [
        .counter: [
          #"http_requests{code="200",verb="get"}"#: 9,
          #"http_requests{code="200",verb="post",zone="a"}"#: 12,
          #"http_requests{code="200",verb="get",zone="a"}"#: 24, #"other{zone="a"}"#: 3,
        ]
      ])
    #expect(ingest.totals.mapped == 12 && ingest.totals.tagsDropped == 3)
    #expect(ingest.totals.applied == [15, 0, 0, 0])
  }

  @Test(
    "has the rule's label where a tag has the same name, unless the tag is honored",
    arguments: [
      (false, "a:1|c|#code:tag,zone:b", #"n{code="rule",zone="b"}"#),
      (true, "a:1|c|#code:tag,zone:b", #"n{code="tag",zone="b"}"#),
      (true, "a:1|c|#zone:b", #"n{code="rule",zone="b"}"#),
      (false, "a,code=tag:1|c", #"n{code="rule"}"#),
      (true, "a,code=tag:1|c", #"n{code="tag"}"#),
      // A tag without a value is none.
      (true, "a:1|c|#code:", #"n{code="rule"}"#),
      // Both become the label `c_d`.
      (false, "a:1|c|#c.d:tag", #"n{c_d="other",code="rule"}"#),
    ])
  func honored(_ honors: Bool, _ line: String, _ series: String) {
    let aggregator = Aggregator(
      identityRules: NamedRules([
        "a": .renamed(
          "n", .counter,
          line.contains("c.d") ? [("c_d", "other"), ("code", "rule")] : [("code", "rule")]
        ) { $0.honorsTags = honors }
      ]))
    var ingest = Ingest(aggregator)
    ingest.apply(line, line)
    #expect(Contents(aggregator).values == [.counter: [series: 2]])
    // What a rule replaces is not counted as a mistake.
    #expect(ingest.totals.tagsDropped == (line.hasSuffix(":") ? 2 : 0))
  }

  @Test func `loses the tag that an empty label names`() {
    let aggregator = Aggregator(
      identityRules: NamedRules(["a": .renamed("n", .gauge, [("pod", "")])]))
    var ingest = Ingest(aggregator)
    ingest.apply("a:7|g|#pod:p-1,zone:z", "a:8|g|#pod:p-2")
    #expect(Contents(aggregator).values == [.gauge: [#"n{zone="z"}"#: 7, "n": 8]])
    #expect(ingest.totals.tagsDropped == 0)
  }

  @Test(
    "has its name and labels spelled like one that was sent",
    arguments: [
      ("a.b-c", "a_b_c"), ("9x", "_9x"), ("é", "_"), ("a--b", "a__b"), ("", nil),
      ("weir_x", nil), ("up", nil),
    ] as [(String, String?)])
  func spelling(_ name: String, _ expected: String?) {
    let aggregator = Aggregator(identityRules: NamedRules(["m": .renamed(name, .counter)]))
    var ingest = Ingest(aggregator)
    for _ in 0..<3 { ingest.apply("m:1|c") }
    #expect(Contents(aggregator).values == (expected.map { [.counter: [$0: 3]] } ?? [:]))
    let refusal: Refusal = name.isEmpty ? .emptyName : .reservedName
    #expect(ingest.totals.refused == (expected == nil ? [refusal: 3] : [:]))
  }

  @Test func `has quotes and line ends of a value escaped`() {
    let aggregator = Aggregator(
      identityRules: NamedRules(["m": .renamed("n", .counter, [("path", "a\"b\\c\nd")])]))
    var ingest = Ingest(aggregator)
    ingest.apply("m:1|c")
    #expect(Contents(aggregator).values == [.counter: [#"n{path="a\"b\\c\nd"}"#: 1]])
  }

  @Test(
    "is refused where what comes of it exceeds a limit, and counted each time",
    arguments: [
      (.renamed("longer", .counter), .nameTooLong),
      (.renamed("n", .counter, [("k", "longer")]), .labelValueTooLong),
      (.renamed("n", .counter, [("k", "v"), ("l", "v")]), .tooManyLabels),
      (.renamed("n", .counter, [("kkkkkkkkkkkkkkkkkkkk", "v")]), .seriesTooLong),
    ] as [(IdentityVerdict, Refusal)])
  func limits(_ verdict: IdentityVerdict, _ refusal: Refusal) {
    var limits = SeriesLimits()
    limits.nameBytesMax = 5
    limits.labelValueBytesMax = 5
    limits.labelsPerSeriesMax = 2
    limits.seriesBytesMax = 26
    let rules = NamedRules(["m": verdict, "fits": .renamed("f", .counter, [("k", "v")])])
    let aggregator = Aggregator(identityRules: rules, limits: limits)
    var ingest = Ingest(aggregator)
    for _ in 0..<2 { ingest.apply("m:1|c|#a:b", "fits:1|c|#a:b") }
    #expect(ingest.totals.refused == [refusal: 2])
    #expect(Contents(aggregator).values == [.counter: [#"f{a="b",k="v"}"#: 2]])
  }

  @Test func `goes to the overflow series of its new name`() {
    var limits = SeriesLimits()
    limits.overflow = .series
    limits.seriesPerNameMax = 2
    let rules = NamedRules { name, _ in
      .renamed("n", .counter, [("from", name)]) { $0.scale = 10 }
    }
    let aggregator = Aggregator(identityRules: rules, limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:2|c", "c:3|c", "b:4|c")
    #expect(
      Contents(aggregator).values
        == [.counter: [#"n{from="a"}"#: 10, #"n{weir_overflow="true"}"#: 90]])
    #expect(ingest.totals.refused == [:])
  }

  @Test func `is decided by its kind as it was sent`() {
    let rules = NamedRules { _, kind in
      kind == .histogram
        ? .renamed("observed", .histogram) : kind == .gauge ? .dropped : .asSent(.nothing)
    }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    for _ in 0..<2 { ingest.apply("a:1|c", "a:2|g", "a:3|h", "b:m|s") }
    #expect(Contents(aggregator).values == [.counter: ["a": 2], .set: ["b": 1]])
    #expect(Contents(aggregator).histograms["observed"]?.sum == 6)
    #expect(ingest.totals.dropped == 2 && ingest.totals.mapped == 2)
  }
}

@Suite("A name that a rule gives twice")
struct MappedConflictTests {
  /// Lines of two metrics whose names can't be on one page.
  static let conflicts: [(first: String, second: String)] = [
    ("x:1|c", "x:1|g"), ("x:1|ms", "x:1|c"), ("x:m|s", "x:1|h"), ("x:1|h", "x_count:1|c"),
    ("x:1|h", "x_sum:1|g"), ("x:1|h", "x_bucket:1|ms"), ("x:1|ms", "x_count:1|ms"),
  ]

  @Test("has the type of the first, and no page is invalid", arguments: conflicts, [false, true])
  func conflict(_ lines: (first: String, second: String), _ isTurned: Bool) {
    // Sent under other names, so that rules make the conflict.
    let rules = NamedRules { name, kind in .renamed(String(name.dropFirst(5)), kind) }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    let (first, second) = isTurned ? (lines.second, lines.first) : lines
    ingest.apply("sent.\(first)")
    let before = Contents(aggregator)
    for _ in 0..<2 { ingest.apply("sent.\(second)", "sent.\(second)|#k:v") }
    #expect(ingest.totals.refused == [.typeClash: 4])
    #expect(Contents(aggregator) == before)
    ingest.apply("sent.\(first)")
    #expect(ingest.totals.refused == [.typeClash: 4])
  }

  @Test func `is free for another type after the series have expired`() {
    var settings = ClassSettings()
    settings.lifetimeSeconds = 2
    let asked = AskedClass.settings(settings)
    let rules = NamedRules { _, kind in .renamed("x", kind) { $0.asked = asked } }
    let aggregator = Aggregator(identityRules: rules)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:2|g")
    #expect(ingest.totals.refused == [.typeClash: 1])
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    ingest.apply("b:3|g", "a:4|c")
    #expect(ingest.totals.refused == [.typeClash: 2])
    #expect(Contents(aggregator).values == [.gauge: ["x": 3]])
  }
}
