import Testing
import WeirMapping
import WeirMetrics

@testable import WeirConfiguration

@Suite("A mapping file")
struct MappingFileTests {
  @Test func `without rules maps nothing`() throws {
    for text in [
      "", "---\n", "# x", "~", "{}", "mappings:", "mappings: []", "defaults:\nmappings: ~",
    ] {
      #expect(try MappingText.outcome(text, "a.b") == "unmapped")
    }
  }

  @Test func `gives names and labels`() throws {
    let text = """
      mappings:
      - match: shop.*.cart.*
        name: cart_${2}_total
        labels:
          zone: $1
          code: 0x10
          none: ~
          yes: no
      - match: "^job[.](?P<name>[^.]+)"
        match_type: regex
        name: jobs
        labels: {job: "$name", all: "<$0>"}
      - {match: noise.*, name: x, action: drop}
      """
    #expect(
      try MappingText.outcome(text, "shop.eu.cart.add")
        == "cart_add_total{code=0x10,none=,yes=no,zone=eu}")
    #expect(try MappingText.outcome(text, "job.etl.x") == "jobs{all=<job.etl>,job=etl}")
    #expect(try MappingText.outcome(text, "noise.x") == "dropped")
  }

  @Test func `keeps the line and the text of each rule`() throws {
    let rules = try MappingText.file(
      "mappings:\n\n- name: b\n  match: a.*\n- {match: 'x?', match_type: regex, name: c}"
    )
    .rules.rules
    #expect(rules.map(\.index) == [0, 1])
    #expect(rules.map(\.content.line) == [3, 5])
    #expect(rules.map(\.content.matchText) == ["a.*", "x?"])
    #expect(rules.map(\.isExpression) == [false, true])
    #expect(rules[0].content.name.source == "b")
  }

  @Test func `says how globs are tried`() throws {
    let rules = "mappings:\n- {match: a.*, name: star}\n- {match: a.b, name: literal}\n"
    for (word, name) in [
      ("yes", "literal{}"), ("On", "literal{}"), ("n", "star{}"), ("~", "star{}"),
    ] {
      #expect(
        try MappingText.outcome("defaults: {glob_disable_ordering: \(word)}\n" + rules, "a.b")
          == name)
    }
  }

  @Test func `says what a match is`() throws {
    let text =
      "defaults: {match_type: regex}\nmappings:\n- {match: a.b, name: x}\n- {match: c.*, match_type: '', name: y}"
    #expect(try MappingText.outcome(text, "zaXbz") == "x{}")
    #expect(try MappingText.outcome(text, "c.d") == "y{}")
    #expect(try MappingText.outcome(text, "cd") == "unmapped")
  }

  @Test(
    "reads a time to live",
    arguments: [
      ("ttl: 1m30s", 90), ("ttl: 1.5h", 5_400), ("ttl: +2s", 2), ("ttl: 1ms", 1),
      ("ttl: 1001ms", 2),
      ("ttl: 0", nil), ("ttl: 0s", nil), ("ttl: ~", nil), ("help: x", nil),
      ("ttl: 2_000_000_000", 2),
      ("ttl: 0x77359400", 2), ("ttl: 1.9e9", 2), ("ttl: -5s", 1), ("ttl: 2000000h", 315_360_000),
    ] as [(String, UInt32?)])
  func lifetime(_ keys: String, _ seconds: UInt32?) throws {
    #expect(try MappingText.content(keys).settings.lifetimeSeconds == seconds)
  }

  @Test(
    "reads numbers as YAML 1.1 has them",
    arguments: [
      ("2", 2), ("010", 8), ("1_000", 1_000), ("0x10", 16), ("-.5", -0.5), ("1e3", 1_000),
      ("0b11", 3),
      ("!!float '2.5'", 2.5), ("+7", 7), ("0", 0), ("~", nil),
    ] as [(String, Double?)])
  func scale(_ text: String, _ scale: Double?) throws {
    #expect(try MappingText.content("scale: \(text)").scale == scale)
  }

  @Test func `reads what else a rule says`() throws {
    let content = try MappingText.content(
      "help: 'costs $1'\nhonor_labels: Yes\nmatch_metric_type: gauge\nmetric_type: counter")
    #expect(content.help == "costs $1")
    #expect(content.honorsLabels)
    #expect(content.matchKind == .gauge)
    #expect(content.resultKind == .counter)
    #expect(try MappingText.content("help: ''").help == nil)
    #expect(try MappingText.content("help: 12.50").help == "12.50")
  }

  @Test(
    "reads the window of a set",
    arguments: [
      ("set_window: 5m", 300), ("set_window: 0", 0), ("metric_type: set\nset_window: 24h", 86_400),
    ])
  func window(_ keys: String, _ seconds: Int) throws {
    #expect(try MappingText.content(keys).settings.setWindowSeconds == seconds)
  }

  @Test func `reads observers`() throws {
    var settings = ClassSettings()
    settings.observing = .histogram
    settings.bounds = HistogramBounds(upper: [0, 0.5, 8])
    settings.native = .on(factor: 1.5, bucketsMax: 100)
    #expect(
      try MappingText.content(
        "observer_type: histogram\nhistogram_options: {buckets: [-0.0, .5, 010, .inf], "
          + "native_histogram_bucket_factor: 1.5, native_histogram_max_buckets: 100}"
      ).settings == settings)
    settings = ClassSettings()
    settings.observing = .summary
    settings.quantiles = [0.5, 0.9, 1]
    settings.maxAgeSeconds = 90
    settings.ageBuckets = 3
    #expect(
      try MappingText.content(
        "observer_type: ''\nsummary_options: {max_age: 1m29.5s, age_buckets: 3, buf_cap: 500, quantiles: "
          + "[{quantile: 1}, {quantile: 0.5, error: 0.05}, {quantile: 0.9}, {quantile: 0.5}]}"
      ).settings == settings)
    #expect(
      try MappingText.content("histogram_options: {buckets: [], native_histogram_bucket_factor: 0}")
        .settings == ClassSettings())
    #expect(
      try MappingText.content("histogram_options: {native_histogram_bucket_factor: 1}").settings
        .native == .off)
    #expect(
      try MappingText.content("summary_options:\nhistogram_options:").settings == ClassSettings())
  }

  @Test func `reads old keys, and takes the new ones before them`() throws {
    let old = try MappingText.content(
      "timer_type: histogram\nbuckets: [1]\nquantiles: [{quantile: 0.5}]"
    ).settings
    #expect(old.observing == .histogram)
    #expect(old.bounds == HistogramBounds(upper: [1]))
    #expect(old.quantiles == [0.5])
    #expect(
      try MappingText.content("timer_type: histogram\nobserver_type: summary").settings.observing
        == .summary)
    #expect(
      try MappingText.content(
        "buckets: [1]\nhistogram_options: {native_histogram_bucket_factor: 2}"
      ).settings.bounds
        == HistogramBounds(upper: [1]))
    let defaults = try MappingText.file(
      "defaults: {buckets: [1], histogram_options: {buckets: [2]}, quantiles: [{quantile: 0.1}], "
        + "summary_options: {max_age: 1m}}"
    ).rules.defaults
    #expect(defaults.bounds == HistogramBounds(upper: [2]))
    #expect(defaults.quantiles == [0.1])
    #expect(defaults.maxAgeSeconds == 60)
  }

  @Test func `completes rules by its defaults, wherever they stand`() throws {
    let file = try MappingText.file(
      "mappings:\n- {match: a, name: b, ttl: 0}\n- {match: c, name: d, ttl: 1s, observer_type: summary}\n"
        + "defaults: {ttl: 5s, observer_type: histogram, histogram_options: {buckets: [3]}}")
    let settings = file.rules.rules.map(\.content.settings)
    #expect(settings.map(\.lifetimeSeconds) == [5, 1])
    #expect(settings.map(\.observing) == [.histogram, .summary])
    #expect(settings[0].bounds == HistogramBounds(upper: [3]))
    #expect(file.rules.defaults.lifetimeSeconds == 5)
  }

  @Test func `may have thousands of rules`() throws {
    let rules = (0..<10_000).map {
      "- match: app\($0 % 100).*.part\($0)\n  name: app_\($0)\n  labels:\n    zone: $1\n    shop: x\n  ttl: 5m\n"
    }
    let file = try MappingText.file("mappings:\n" + rules.joined())
    #expect(file.rules.rules.count == 10_000)
    #expect(file.warnings == [])
    #expect(
      throws: FileMistake(
        "m.yml", line: 1, "mappings has 20001 rules, and 20000 is the limit; join some with a star")
    ) {
      try MappingText.file(
        "mappings:\n" + String(repeating: "- {match: a, name: b}\n", count: 20_001))
    }
  }
}
