import Testing

@testable import WeirConfiguration

@Suite("A mapping file with a mistake")
struct MappingMistakeTests {
  /// Whole files, each with the sentence that follows `m.yml:`.
  static let files: [(String, String)] = [
    ("a", "1: the file is a text but must be a map; write the keys defaults: and mappings:"),
    ("- a", "1: the file is a list but must be a map; write the keys defaults: and mappings:"),
    ("a: [", "2: this is not YAML (did not find expected node content); correct the line"),
    (
      "mappings: {a: b}", "1: mappings is a map but must be a list; write a rule as - match:, name:"
    ),
    ("mappings: x", "1: mappings is a text but must be a list; write a rule as - match:, name:"),
    (
      "mappings:\n- x",
      "2: a rule is a text but must be a map; write its keys, such as match: and name:"
    ),
    (
      "mappings:\n-\n",
      "2: a rule has no name, which even one that drops needs; write name: below match:"
    ),
    (
      "mappings:\n- match: a\n  action: drop",
      "2: a rule has no name, which even one that drops needs; write name: below match:"
    ),
    ("mappings:\n\n- name: a", "3: a rule has no match; write one such as match: app.*.requests"),
    ("mappings:\n- match: a\n  nam: b", #"3: "nam" is not a key of a rule; did you mean name?"#),
    ("mappings:\n- mach: a\n  name: b", #"2: "mach" is not a key of a rule; did you mean match?"#),
    (
      "mappings:\n- match_type: glob\n  name: b",
      "2: a rule has no match; write one such as match: app.*.requests"
    ),
    (
      "mappings:\n- name: b\n  match: a.b*",
      #"3: match: "a.b*" is not a glob; write letters, digits, _ and - between dots, each star alone, "#
        + "or add match_type: regex"
    ),
    (
      "mappings:\n- match: a(b\n  match_type: regex\n  name: c",
      #"2: match: "a(b" is not a regular expression of RE2 (missing ): a(b); correct it"#
    ),
    (
      "defaults: {match_type: regex}\nmappings:\n- match: '*'\n  name: c",
      #"3: match: "*" is not a regular expression of RE2 (no argument for repetition operator: *); "#
        + "correct it"
    ),
    ("defaults: 5", "1: defaults is a text but must be a map; write keys such as ttl: below it"),
    (
      "defaults:\n  observer_type: histogramm",
      #"2: observer_type: "histogramm" is not a choice; did you mean histogram?"#
    ),
    (
      "defaults:\n  timer_type: x",
      #"2: timer_type: "x" is not a choice; write histogram or summary"#
    ),
    (
      "defaults:\n  glob_disable_ordering: 1",
      "2: glob_disable_ordering is not true or false; write one of them without quotes"
    ),
    (
      "defaults:\n  histogram_options:\n    buckets:\n    - 1\n    - 1",
      "5: the bucket 1 is not above 1 before it; write them in ascending order"
    ),
    (
      "defaults: {observer_type: summary}\nmappings:\n- match: a\n  name: b\n  histogram_options: {}",
      "5: histogram_options is for histograms, and observer_type is summary by the defaults; leave it "
        + "out, or write observer_type: histogram"
    ),
    (
      "a: &x [1]\nb: *y",
      "2: *y has no value that ends before it; write &y at one"
    ),
    ("a: &x [*x]", "1: *x has no value that ends before it; write &x at one"),
    ("<<: 5", "1: << is a text but must be a map; write an alias such as *base"),
    ("<<: [{a: b}, 5]", "1: << is a list but must be a map; write an alias such as *base"),
    ("? [a]\n: b", "1: a key is a list; write a name such as match"),
  ]

  @Test("is refused in one sentence", arguments: files)
  func file(_ text: String, _ sentence: String) {
    #expect(throws: FileMistake(text: sentence)) {
      try MappingText.file(text)
    }
  }

  /// Keys of a rule whose match and name are on lines 2 and 3, so that they begin on line 4.
  static let rules: [(String, String)] = [
    (
      "match_type: globb", #"4: match_type: "globb" is not a choice; did you mean glob?"#
    ),
    ("action: keep", #"4: action: "keep" is not a choice; write map or drop"#),
    (
      "match_metric_type: histogram",
      #"4: match_metric_type: "histogram" is not a choice; write counter, gauge or observer"#
    ),
    (
      "match_metric_type: ''",
      #"4: match_metric_type: "" is not a choice; write counter, gauge or observer"#
    ),
    ("match_metric_type: [a]", "4: match_metric_type is a list but must be a text; write a text"),
    (
      "honor_labels: 'yes'",
      "4: honor_labels is not true or false; write one of them without quotes"
    ),
    ("help: {a: b}", "4: help is a map but must be a text; write a text"),
    ("scale: '2'", #"4: scale: "2" is not a number; write one such as 0.5, without quotes"#),
    ("scale: [2]", "4: scale is not a number; write one such as 0.5, without quotes"),
    ("scale: .nan", "4: scale is nan, which would make every value so; write a number"),
    ("scale: -.inf", "4: scale is -inf, which would make every value so; write a number"),
    ("ttl: 5x", #"4: ttl: "5x" is not a duration; write one in h, m, s or ms, such as 1m30s"#),
    ("ttl: 1d", #"4: ttl: "1d" is not a duration; write one in h, m, s or ms, such as 1m30s"#),
    ("ttl: '60'", #"4: ttl: "60" is not a duration; write one in h, m, s or ms, such as 1m30s"#),
    ("ttl: true", #"4: ttl: "true" is not a duration; write one in h, m, s or ms, such as 1m30s"#),
    ("ttl: [5s]", "4: ttl is not a duration; write one in h, m, s or ms, such as 1m30s"),
    (
      "labels: [a, b]",
      "4: labels is a list but must be a map; write lines such as code: $1 below it"
    ),
    (
      "labels:\n  code: x\n  1st: y",
      #"6: "1st" is not a label's name; write two or more letters, digits and _, not a digit first"#
    ),
    (
      "labels: {a: x}",
      #"4: "a" is not a label's name; write two or more letters, digits and _, not a digit first"#
    ),
    ("labels: {code: [x]}", "4: code is a list but must be a text; write a text"),
    (
      "observer_type: histogram\nlabels:\n  le: $1",
      "6: the label le is every histogram's own; rename it"
    ),
    (
      "match_metric_type: observer\nlabels:\n  quantile: $1",
      "6: the label quantile is every summary's own; rename it"
    ),
    (
      "metric_type: observer\nobserver_type: summary\nlabels: {quantile: x}",
      "6: the label quantile is every summary's own; rename it"
    ),
    (
      "observer_type: histogram\nsummary_options: {max_age: 5m}",
      "5: summary_options is for summaries, and observer_type is histogram; leave it out, or write "
        + "observer_type: summary"
    ),
    (
      "timer_type: summary\nhistogram_options: {}",
      "5: histogram_options is for histograms, and observer_type is summary; leave it out, or write "
        + "observer_type: histogram"
    ),
    (
      "quantiles: []\nsummary_options: {quantiles: []}",
      "4: quantiles and summary_options with quantiles are both given; leave out the former"
    ),
    (
      "histogram_options: {buckets: [1]}\nbuckets: [2]",
      "5: buckets and histogram_options with buckets are both given; leave out the former"
    ),
    (
      "summary_options: x",
      "4: summary_options is a text but must be a map; write keys such as max_age: below it"
    ),
    ("summary_options: {max_age: -5m}", "4: max_age is negative; write a positive one such as 10m"),
    (
      "summary_options: {age_buckets: -1}",
      #"4: age_buckets: "-1" is not a count; write a whole number of 0 or more"#
    ),
    (
      "summary_options: {buf_cap: 4294967296}",
      #"4: buf_cap: "4294967296" is not a count; write a whole number of 0 or more"#
    ),
    (
      "quantiles: [{quantile: .nan}]",
      "4: quantile: nan is not from 0 to 1; write 0.99 for the 99th percentile"
    ),
    ("quantiles: [0.5]", "4: a quantile is a text but must be a map; write it as - quantile: 0.5"),
    ("quantiles: [{error: 0.1}]", "4: a quantile has no number; write quantile: 0.5"),
    (
      "quantiles: [{quantile: a}]",
      #"4: quantile: "a" is not a number; write one such as 0.5, without quotes"#
    ),
    (
      "quantiles: {quantile: 0.5}",
      "4: quantiles is a map but must be a list; write [{quantile: 0.5}]"
    ),
    ("buckets: 5", "4: buckets is a text but must be a list; write [0.1, 0.5, 1]"),
    (
      "buckets: [1, 5, 2]",
      "4: the bucket 2 is not above 5 before it; write them in ascending order"
    ),
    (
      "buckets: [1, a]", #"4: a bucket: "a" is not a number; write one such as 0.5, without quotes"#
    ),
    ("buckets: [.nan]", "4: a bucket is nan; write a number, because +Inf is always there"),
    ("buckets: [.inf, 1]", "4: a bucket is inf; write a number, because +Inf is always there"),
    (
      "buckets: [\(Array(0..<201).map(String.init).joined(separator: ","))]",
      "4: there are 201 buckets; write 200 at most"
    ),
    (
      "metric_type: summary",
      #"4: metric_type: "summary" is not a choice; write counter, gauge, observer or set"#
    ),
    (
      "match_metric_type: gauge\nmetric_type: gauge",
      "5: metric_type is what match_metric_type is already; leave it out"
    ),
    (
      "metric_type: set\nscale: 2",
      "5: scale has no effect on a set, which counts its members; leave it out"
    ),
    (
      "metric_type: gauge\nobserver_type: summary",
      "5: observer_type has no effect where metric_type is gauge; leave one of them out"
    ),
    (
      "metric_type: counter\nbuckets: [1]",
      "5: buckets has no effect where metric_type is counter; leave one of them out"
    ),
    (
      "action: drop\nmetric_type: gauge",
      "5: metric_type has no effect in a rule that drops; leave it out"
    ),
    (
      "action: drop\nset_window: 5m",
      "5: set_window has no effect in a rule that drops; leave it out"
    ),
    (
      "match_metric_type: counter\nset_window: 5m",
      "5: set_window is for sets, and this rule makes none; leave it out, or write metric_type: set"
    ),
    (
      "metric_type: gauge\nset_window: 5m",
      "5: set_window is for sets, and this rule makes none; leave it out, or write metric_type: set"
    ),
    (
      "set_window: 300",
      "4: set_window is not a time that a set can look back; write one from 5s to 24h such as 5m, or 0 "
        + "for all since the start"
    ),
    (
      "set_window: 1s",
      "4: set_window is not a time that a set can look back; write one from 5s to 24h such as 5m, or 0 "
        + "for all since the start"
    ),
  ]

  @Test("in a rule is refused in one sentence", arguments: rules)
  func rule(_ keys: String, _ sentence: String) {
    #expect(throws: FileMistake(text: sentence)) {
      try MappingText.file(MappingText.rule(keys))
    }
  }

  @Test(
    "in a name is refused",
    arguments: [
      "foo.bar", "foo:bar", "9a", "a b", "a-b", "é", "$", "${op}_x", "$a", "a${", "${}", "a}",
      "$1.$2", "a\\n",
    ])
  func name(_ name: String) {
    let shown = name == "a\\n" ? "a\n".quoted : name.quoted
    let sentence =
      "3: name: \(shown) is not a name; write letters, digits and _, not a digit first, and references "
      + "such as $1 or ${1}"
    #expect(throws: FileMistake(text: sentence)) {
      try MappingText.file("mappings:\n- match: a.*\n  name: \"\(name)\"")
    }
  }

  @Test func `names itself and the line of the file`() {
    #expect(
      throws: FileMistake(
        "/etc/x.yml", line: nil,
        "there is no such file; name a file of YAML with --statsd.mapping-config")
    ) {
      try MappingFile.load("/etc/x.yml")
    }
  }
}

extension FileMistake {
  /// The mistake of `m.yml` with a line and a sentence: `3: it is wrong; correct it`.
  fileprivate init(text: String) {
    let line = text.prefix { $0 != ":" }
    self.init("m.yml", line: Int(line), String(text.dropFirst(line.count + 2)))
  }
}
