import Testing

@testable import WeirConfiguration

@Suite("A mapping file that loads with warnings")
struct MappingWarningTests {
  private static let keys =
    "match, name, labels, help, match_type, match_metric_type, observer_type, action, ttl, scale, "
    + "honor_labels, summary_options, histogram_options, metric_type, set_window"

  /// Whole files with what is said, each with its line.
  static let table: [(String, [String])] = [
    ("", []), ("# nothing\n", []), ("mappings: []", []), ("defaults:\nmappings:\n", []),
    (MappingText.rule("labels: {code: x}\nhelp: y\nscale: 2\nttl: 0"), []),
    (
      "mapping: []",
      [#"1: "mapping" is not a key of the file and is ignored; did you mean mappings?"#]
    ),
    (
      "x: [1]\nmappings: []",
      [#"1: "x" is not a key of the file and is ignored; the keys are defaults, mappings"#]
    ),
    (
      MappingText.rule("mount: x"),
      [#"4: "mount" is not a key of a rule and is ignored; the keys are \#(keys)"#]
    ),
    (
      MappingText.rule("time_type: histogram"),
      [#"4: "time_type" is not a key of a rule and is ignored; did you mean observer_type?"#]
    ),
    (
      MappingText.rule("label: {code: x}"),
      [#"4: "label" is not a key of a rule and is ignored; did you mean labels?"#]
    ),
    (
      MappingText.rule(
        "summary_options:\n  quantile: 1\n  quantiles:\n  - {quantile: 0.5, eror: 1}"),
      [
        #"5: "quantile" is not a key of summary_options and is ignored; did you mean quantiles?"#,
        #"7: "eror" is not a key of a quantile and is ignored; did you mean error?"#,
      ]
    ),
    (
      MappingText.rule(
        "summary_options:\n  quantiles:\n  - quantile: 99\n  - quantile: -0.1\n  - quantile: 0.9"),
      [
        "6: quantile: 99 is not from 0 to 1 and is left out; write 0.99 for the 99th percentile",
        "7: quantile: -0.1 is not from 0 to 1 and is left out; write 0.99 for the 99th percentile",
      ]
    ),
    (
      MappingText.rule("histogram_options:\n  bucket: [1]"),
      [#"5: "bucket" is not a key of histogram_options and is ignored; did you mean buckets?"#]
    ),
    (
      "defaults:\n  timer_type: histogram\n  buckets: [1]\n  quantiles: []\n  ttls: 5",
      [
        "2: timer_type is a key of before statsd_exporter 0.20, and its next release refuses it; "
          + "write observer_type",
        "3: buckets is a key of before statsd_exporter 0.20, and its next release refuses it; "
          + "write histogram_options with buckets in it",
        "4: quantiles is a key of before statsd_exporter 0.20, and its next release refuses it; "
          + "write summary_options with quantiles in it",
        #"5: "ttls" is not a key of defaults and is ignored; did you mean ttl?"#,
      ]
    ),
    (
      MappingText.rule("match_metric_type: timer"),
      ["4: timer is a word of before statsd_exporter 0.20; write match_metric_type: observer"]
    ),
    (
      MappingText.rule("ttl: 60"),
      ["4: ttl has no unit, and is 60 ns; write it with one, such as 5m"]
    ),
    (
      MappingText.rule("ttl: -5m"),
      ["4: ttl is negative, so that series expire at once; write a positive one such as 5m"]
    ),
    (
      MappingText.rule("summary_options: {max_age: 600, age_buckets: 20}"),
      [
        "4: max_age has no unit, and is 600 ns; write it with one, such as 10m",
        "4: age_buckets: 20 counts as 10, as many as Weir keeps; write 10 or less",
      ]
    ),
    (
      MappingText.rule("histogram_options:\n  native_histogram_max_buckets: 5000"),
      [
        "5: native_histogram_max_buckets: 5000 counts as 1000, as many as Weir keeps; write 1000 or less"
      ]
    ),
    (
      MappingText.rule("histogram_options:\n  native_histogram_bucket_factor: -2"),
      [
        "5: native_histogram_bucket_factor: -2 is not a ratio of bounds and is ignored; write a number "
          + "above 1 such as 1.1, or 1 for no native histogram"
      ]
    ),
    (
      "mappings:\n- match_type: regex\n  name: a",
      ["2: match is empty, so that the rule is for every name; write an expression"]
    ),
    (
      MappingText.rule("labels:\n  __x: y"),
      [
        "5: the label __x begins with two underscores, which are Prometheus' own, and gets one; "
          + "rename it"
      ]
    ),
    (
      MappingText.rule("labels:\n  quantile: y"),
      [
        "5: the label quantile is every summary's own, and is exported_quantile where observations come; "
          + "rename it, or add match_metric_type"
      ]
    ),
    (MappingText.rule("match_metric_type: gauge\nlabels: {le: x, quantile: y}"), []),
    (MappingText.rule("observer_type: histogram\nlabels: {quantile: y}"), []),
    (
      MappingText.rule("scale: 1\nscale: 2"),
      [
        #"5: "scale" is given twice, first on line 4, and the later one counts; leave one of them out"#
      ]
    ),
    (
      MappingText.rule("labels: {aa: x}\nlabels: {bb: y}"),
      [#"5: "labels" is given twice, first on line 4, and both count; leave one of them out"#]
    ),
    (
      "mappings: []\nmappings: []",
      [
        #"2: "mappings" is given twice, first on line 1, and the later one counts; leave one of them out"#
      ]
    ),
    (
      "mappings:\n- &b\n  match: a\n  name: b\n- match: c\n  <<: *b",
      [#"5: "match" is replaced by the one that << on line 6 brings in; put << before it"#]
    ),
    ("mappings:\n- &b\n  match: a\n  name: b\n- <<: *b\n  match: c", []),
  ]

  @Test("says what was meant", arguments: table)
  func says(_ text: String, _ sentences: [String]) throws {
    let warnings = try MappingText.file(text).warnings
    #expect(warnings == sentences.map { "m.yml:\($0)" })
  }

  @Test func `does not say too much`() throws {
    let rule = "- {match: a, name: b, timer_type: summary}\n"
    let warnings = try MappingText.file("mappings:\n" + String(repeating: rule, count: 60)).warnings
    #expect(warnings.count == 51)
    #expect(warnings.last == "m.yml: there are 10 more warnings; correct these to see the others")
    #expect(warnings[49].hasPrefix("m.yml:51: timer_type is"))
  }
}
