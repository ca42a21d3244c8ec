import TestSupport
import Testing
import WeirMetrics

@Suite("The spelling of a series")
struct SeriesBuilderTests {
  private func build(
    _ name: String, _ tags: [(String, String)] = [], kind: MetricKind = .counter,
    limits: SeriesLimits = SeriesLimits()
  ) throws(Refusal) -> NaiveSpelling {
    var builder = SeriesBuilder(limits: limits)
    return try build(name, tags, kind: kind, with: &builder)
  }

  private func build(
    _ name: String, _ tags: [(String, String)], kind: MetricKind, with builder: inout SeriesBuilder
  ) throws(Refusal) -> NaiveSpelling {
    builder.begin()
    let bytes = Array(name.utf8)
    builder.appendName(bytes.span, from: 0, to: bytes.count)
    for (key, value) in tags {
      let tag = Array("<\(key):\(value)>".utf8)
      let colon = 1 + key.utf8.count
      try builder.addTag(
        tag.span, nameFrom: 1, to: colon, valueFrom: colon + 1, to: tag.count - 1)
    }
    try builder.finish(kind: kind)
    let text = String(decoding: builder.series, as: UTF8.self)
    #expect(builder.hasLabels == text.contains("{"))
    #expect(text.utf8.prefix(builder.nameLength).elementsEqual(text.prefix { $0 != "{" }.utf8))
    return NaiveSpelling(text: text, tagsDropped: builder.tagsDropped)
  }

  @Test("reserves the quantile label for a summary, and allows le to the sender")
  func quantileLabel() throws {
    var byName = SeriesRules()
    byName.observers = [.init(NameGlob("m"), .summary(SummaryOptions()))]
    var others = SeriesRules()
    others.observers = [.init(NameGlob("n"), .summary(SummaryOptions()))]
    for (rules, series) in [
      (SeriesRules(), #"m{exported_le="1",quantile="2"}"#),
      (.all(observer: .summary(SummaryOptions())), #"m{exported_quantile="2",le="1"}"#),
      (byName, #"m{exported_quantile="2",le="1"}"#),
      (others, #"m{exported_le="1",quantile="2"}"#),
    ] {
      var builder = SeriesBuilder(rules: rules)
      builder.begin()
      builder.appendName(Array("m".utf8).span, from: 0, to: 1)
      let tags = Array("le1quantile2".utf8)
      try builder.addTag(tags.span, nameFrom: 0, to: 2, valueFrom: 2, to: 3)
      try builder.addTag(tags.span, nameFrom: 3, to: 11, valueFrom: 11, to: 12)
      try builder.finish(kind: .histogram)
      #expect(String(decoding: builder.series, as: UTF8.self) == series)
    }
  }

  @Test(
    "makes a name classic, with one underscore for each other scalar",
    arguments: [
      ("requests", "requests"), ("a.b-c d/e", "a_b_c_d_e"), ("9lives", "_9lives"), ("a9", "a9"),
      ("_x", "_x"), ("__x", "__x"), ("é", "_"), ("日本", "__"), ("a\u{301}", "a_"), ("👩‍🚀", "___"),
      ("a\u{0}b", "a_b"), (".9", "_9"), ("a\"b", "a_b"), ("a{b}", "a_b_"), ("A:B", "A_B"),
    ])
  func names(name: String, expected: String) throws {
    #expect(try build(name).text == expected)
  }

  @Test(
    "makes a label's name classic, and not a reserved one",
    arguments: [
      ("k", "k"), ("k.k-k", "k_k_k"), ("1k", "_1k"), ("_k", "_k"), ("__k", "_k"), ("____k", "_k"),
      ("__name__", "_name__"), ("-_k", "_k"), ("--", "_"), ("_", "_"), ("é", "_"), ("éé", "_"),
      ("__1", "_1"), ("k__", "k__"), ("le", "le"), ("weir", "weir"), ("weird_k", "weird_k"),
      ("weir_k", "exported_weir_k"), ("weir.overflow", "exported_weir_overflow"),
      ("weir_", "exported_weir_"), ("_weir_k", "_weir_k"), ("__weir_k", "_weir_k"),
      ("Weir_k", "Weir_k"), ("exported_weir_k", "exported_weir_k"),
    ])
  func labelNames(name: String, expected: String) throws {
    #expect(try build("m", [(name, "v")]).text == "m{\(expected)=\"v\"}")
  }

  @Test(
    "keeps a label's value as sent, with the escapes of the text format",
    arguments: [
      ("plain", "plain"), ("a b", "a b"), ("é日😀", "é日😀"), ("\\", "\\\\"), ("\"", "\\\""),
      ("\n", "\\n"), ("\\n", "\\\\n"), ("a\\\"\nb", "a\\\\\\\"\\nb"), ("\t\r\u{0}", "\t\r\u{0}"),
      ("}", "}"), (",", ","), (":", ":"),
    ])
  func values(value: String, expected: String) throws {
    #expect(try build("m", [("k", value)]).text == "m{k=\"\(expected)\"}")
  }

  @Test("renames a histogram's own le, and only there")
  func bucketLabel() throws {
    let tags = [("z", "1"), ("le", "5"), ("a", "2")]
    #expect(
      try build("m", tags, kind: .histogram).text == #"m{a="2",exported_le="5",z="1"}"#)
    for kind in [MetricKind.counter, .gauge, .set] {
      #expect(try build("m", tags, kind: kind).text == #"m{a="2",le="5",z="1"}"#)
    }
    let both = [("le", "5"), ("exported_le", "6")]
    #expect(
      try build("m", both, kind: .histogram)
        == NaiveSpelling(text: #"m{exported_le="6"}"#, tagsDropped: 1))
    #expect(try build("m", [("LE", "1")], kind: .histogram).text == #"m{LE="1"}"#)
  }

  @Test("drops and counts tags without name or value, and the earlier of two with one name")
  func dropped() throws {
    #expect(try build("m", [("", "v")]) == NaiveSpelling(text: "m", tagsDropped: 1))
    #expect(try build("m", [("k", "")]) == NaiveSpelling(text: "m", tagsDropped: 1))
    #expect(try build("m", [("", "")]) == NaiveSpelling(text: "m", tagsDropped: 1))
    #expect(
      try build("m", [("k", "1"), ("k", "2")]) == NaiveSpelling(text: #"m{k="2"}"#, tagsDropped: 1))
    #expect(
      try build("m", [("a.b", "1"), ("x", "y"), ("a-b", "2"), ("a_b", "3")])
        == NaiveSpelling(text: #"m{a_b="3",x="y"}"#, tagsDropped: 2))
    // The later one wins only when it is a label at all.
    #expect(
      try build("m", [("k", "1"), ("k", "")]) == NaiveSpelling(text: #"m{k="1"}"#, tagsDropped: 1))
  }

  @Test("has a limit on labels: the last that fits is taken, the next refused")
  func labelLimit() throws {
    var limits = SeriesLimits()
    limits.labelsPerSeriesMax = 3
    let tags = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]
    #expect(try build("m", Array(tags[..<3]), limits: limits).text == #"m{a="1",b="2",c="3"}"#)
    #expect(throws: Refusal.tooManyLabels) { try build("m", tags, limits: limits) }
    // Dropped ones take no place.
    #expect(
      try build("m", [("", "x"), ("y", "")] + tags[..<3], limits: limits).tagsDropped == 2)
  }

  @Test("has a limit on bytes as exposed, to the byte")
  func byteLimit() throws {
    for count in 0...40 {
      for (name, tags) in [
        (String(repeating: "n", count: count + 1), []),
        ("m", [("k", String(repeating: "v", count: count + 1)), ("l", "w")]),
        ("m", [("k", String(repeating: "\"", count: count / 2 + 1))]),
        ("é", [("é", String(repeating: "é", count: count / 2 + 1))]),
        (
          "m",
          [("k", String(repeating: "w", count: count)), ("k", String(repeating: "w", count: 9))]
        ),
        ("m", [("le", String(repeating: "w", count: count + 1))]),
      ] as [(String, [(String, String)])] {
        let whole = try build(name, tags, kind: .histogram)
        var limits = SeriesLimits()
        limits.seriesBytesMax = whole.text.utf8.count
        #expect(try build(name, tags, kind: .histogram, limits: limits) == whole)
        limits.seriesBytesMax -= 1
        #expect(throws: Refusal.seriesTooLong) {
          try build(name, tags, kind: .histogram, limits: limits)
        }
      }
    }
  }

  @Test(
    "has a limit on bytes of each part, to the byte",
    arguments: [
      (.nameTooLong, "nnnnn", "nnnnnn"), (.nameTooLong, "éé.éé", "éé.ééé"),
      (.nameTooLong, "1234", "12345"), (.labelNameTooLong, "kkkkk", "kkkkkk"),
      (.labelNameTooLong, "___kkkk", "___kkkkk"), (.labelNameTooLong, "weir_", "weir_k"),
      (.labelNameTooLong, "kéééé", "kééééé"), (.labelValueTooLong, "vvvvv", "vvvvvv"),
      (.labelValueTooLong, "éév", "ééé"), (.labelValueTooLong, #"""""""#, #""""""""#),
    ] as [(Refusal, String, String)])
  func partLimit(refusal: Refusal, longest: String, tooLong: String) throws {
    var limits = SeriesLimits()
    switch refusal {
    case .nameTooLong: limits.nameBytesMax = 5
    case .labelNameTooLong: limits.labelNameBytesMax = 5
    default: limits.labelValueBytesMax = 5
    }
    for (text, fits) in [(longest, true), (tooLong, false)] {
      let name = refusal == .nameTooLong ? text : "m"
      let tag =
        switch refusal {
        case .labelNameTooLong: (text, "v")
        case .labelValueTooLong: ("k", text)
        default: ("k", "v")
        }
      // What is put in front of a histogram's le takes nothing from what a sender may have.
      let tags = [("le", "1"), tag]
      if fits {
        #expect(
          try build(name, tags, kind: .histogram, limits: limits)
            == NaiveSpelling(name: name, tags: tags, isHistogram: true))
      } else {
        #expect(throws: refusal) { try build(name, tags, kind: .histogram, limits: limits) }
      }
    }
  }

  @Test("accepts a datagram full of underscores")
  func underscores() throws {
    let many = String(repeating: "_", count: 65_000)
    #expect(try build("m", [(many, "v"), (many + "k", "w")]).text == #"m{_="v",_k="w"}"#)
  }

  @Test("needs a name")
  func emptyName() {
    #expect(throws: Refusal.emptyName) { try build("") }
    #expect(throws: Refusal.emptyName) { try build("", [("k", "v")]) }
  }

  @Test(
    "is one for any order of the tags, and agrees with a plain twin", arguments: [1, 2] as [UInt64])
  func random(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var builder = SeriesBuilder()
    let names = [
      "a", "b", "le", "exported_le", "weir_x", "a.b", "a_b", "1", "_1", "é", "__x", "x", "zz", "",
    ]
    let values = ["1", "", "\\", "\"q\"", "two\nlines", "é", "long value with spaces"]
    for _ in 0..<5_000 {
      let kind = generator.pick(MetricKind.allCases)
      let name = generator.pick(["m", "m.x", "9", "é"])
      let tags = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        (generator.pick(names), generator.pick(values))
      }
      let built = try build(name, tags, kind: kind, with: &builder)
      let naive = NaiveSpelling(name: name, tags: tags, isHistogram: kind == .histogram)
      if built != naive { Issue.record("seed \(seed): \(tags) is \(built), not \(naive)") }
      let distinct = Dictionary(tags, uniquingKeysWith: { $1 }).filter { $0.key != "" }
      guard Set(distinct.keys.map { NaiveSpelling.sanitised($0) }).count == distinct.count,
        !(distinct.keys.contains("le") && distinct.keys.contains("exported_le"))
      else { continue }
      let first = try build(
        name, distinct.shuffled(using: &generator).map { ($0.key, $0.value) }, kind: kind,
        with: &builder)
      let second = try build(
        name, distinct.shuffled(using: &generator).map { ($0.key, $0.value) }, kind: kind,
        with: &builder)
      #expect(first == second)
    }
  }

  @Test(
    "makes one underscore of a run of dashes where that is asked for",
    arguments: [1, 2] as [UInt64])
  func joinedDashes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      func text() -> String {
        (0..<Int.random(in: 1...12, using: &random)).map { _ in
          random.pick(["-", "-", "-", "_", ".", "a", "9", "é"])
        }.joined()
      }
      let (name, key) = (text(), "k" + text())
      var builder = SeriesBuilder(names: .joinedDashes)
      builder.begin()
      let bytes = Array(name.utf8)
      builder.appendName(bytes.span, from: 0, to: bytes.count)
      try builder.addLabel(name: Array(key.utf8), value: Array("v".utf8))
      try builder.finish(kind: .counter)
      // As one dash each, a run becomes one underscore.
      let joined = [name, key].map { $0.replacing(/-+/, with: "-") }
      let expected = joined.map(NaiveSpelling.sanitised)
      #expect(
        String(decoding: builder.series, as: UTF8.self) == "\(expected[0]){\(expected[1])=\"v\"}")
    }
  }

  @Test("has the label that a rule gives last, and none that is empty")
  func ruleLabels() throws {
    var builder = SeriesBuilder(limits: SeriesLimits())
    builder.begin()
    builder.appendName(Array("m".utf8).span, from: 0, to: 1)
    for (name, value) in [
      ("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("c", ""), ("d", ""), ("__name__", "5"),
      ("weir_overflow", "6"),
    ] {
      try builder.addLabel(name: Array(name.utf8), value: Array(value.utf8))
    }
    try builder.finish(kind: .counter)
    #expect(
      String(decoding: builder.series, as: UTF8.self)
        == #"m{_name__="5",a="2",b="3",exported_weir_overflow="6"}"#)
    #expect(builder.tagsDropped == 0)
  }
}
