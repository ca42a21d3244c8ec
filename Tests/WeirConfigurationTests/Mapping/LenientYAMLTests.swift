import TestSupport
import Testing
import WeirMapping
import WeirMetrics

@testable import WeirConfiguration

/// Documents as Go's yaml.v2 reads them.
@Suite("YAML of mapping files")
struct LenientYAMLTests {
  static func parse(_ bytes: [UInt8]) throws(FileMistake) -> YAMLDocument {
    try YAMLParser.document(bytes, file: "m.yml", dialect: .mapping)
  }

  /// A document in a line: `{a: x, b: ["1", ~]}`. Plain scalars have no quotes.
  static func text(_ node: YAMLNode?) -> String {
    switch node?.content {
    case nil: "nothing"
    case .scalar(let text, isPlain: true): text.isEmpty ? "~" : text
    case .scalar(let text, _): text.quoted
    case .list(let items): "[\(items.map(text).joined(separator: ", "))]"
    case .map(let entries):
      "{\(entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", "))}"
    }
  }

  static let table: [(String, String)] = [
    ("", "nothing"), ("~", "nothing"), ("a: 1", "{a: 1}"),
    ("{a: '1', b: \"2\"}", #"{a: "1", b: "2"}"#),
    // Aliases, of scalars, lists, maps and keys.
    ("a: &x 1\nb: *x", "{a: 1, b: 1}"),
    ("a: &x [1, 2]\nb: [*x, *x]", "{a: [1, 2], b: [[1, 2], [1, 2]]}"),
    ("a: &x b\n*x : c", "{a: b, b: c}"), ("a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"),
    ("a: &x {b: &y 1}\nc: *y", "{a: {b: 1}, c: 1}"),
    // Merge keys count where they stand, and the first of a list counts most.
    ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", "{a: {b: 1, c: 2}, d: {b: 1, c: 3}}"),
    ("a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}", "{a: {b: 1, c: 2}, d: {c: 2, b: 1}}"),
    ("d: {<<: [{b: 1}, {b: 2, c: 3}]}", "{d: {b: 1, c: 3}}"),
    ("d: {<<: {b: 1}, <<: {c: 2}}", "{d: {b: 1, c: 2}}"), ("d: {'<<': 1}", "{d: {<<: 1}}"),
    // Two maps under one key are combined, below the root.
    ("a: {b: {c: 1}, b: {d: 2}}", "{a: {b: {c: 1, d: 2}}}"),
    ("a: {b: 1}\na: {c: 2}", "{a: {c: 2}}"),
    ("a: {<<: {l: {c: 1, e: 0}}, l: {d: 2, c: 3}}", "{a: {l: {c: 3, e: 0, d: 2}}}"),
    ("a: {b: {c: 1}, b: ~}", "{a: {b: ~}}"), ("a: {b: [1], b: [2]}", "{a: {b: [2]}}"),
    // Only the first document counts, whatever follows.
    ("a: 1\n---\nb: 2", "{a: 1}"), ("--- {a: 1}\n--- ] {", "{a: 1}"), ("a: 1\n...\n{", "{a: 1}"),
    ("---\n---\na: 1", "nothing"),
    // Tags say whether a scalar is a text.
    ("[!!str 5, !!int '5', !x 5, !!bool \"on\", ! 5]", #"["5", 5, "5", on, "5"]"#),
    ("!!map {a: 1}", "{a: 1}"),
    // Line ends, byte order marks, keys of any kind.
    ("a: 1\r\nb:\r\n- 2\r\n", "{a: 1, b: [2]}"), ("\u{FEFF}a: 1", "{a: 1}"),
    ("{1: a, ~: b, true: c}", "{1: a, ~: b, true: c}"),
    ("a: |-\n  x\n  y\nb: >-\n  x\n  y", #"{a: "x\ny", b: "x y"}"#),
    ("{\"a\":[1,{\"b\":\"c\"}]}", #"{a: [1, {b: "c"}]}"#),
  ]

  @Test("is read", arguments: table)
  func read(_ text: String, _ expected: String) throws {
    #expect(Self.text(try Self.parse(Array(text.utf8)).root) == expected)
  }

  @Test func `may be UTF-16 with a mark`() throws {
    let units = Array("\u{FEFF}a: é".utf16)
    let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    #expect(Self.text(try Self.parse(little).root) == "{a: é}")
    #expect(Self.text(try Self.parse(big).root) == "{a: é}")
  }

  @Test func `that repeats itself without end is refused`() {
    // Ten levels of ten aliases each.
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<10 {
      let alias = "*a\(level - 1)"
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    #expect(
      throws: FileMistake(
        "m.yml", line: 6,
        "the file has more than 400000 values, with what its aliases repeat; shorten it")
    ) { try Self.parse(Array(bomb.utf8)) }
    // The same with merge keys and with maps that are combined.
    let keys = (0..<2_000).map { "k\($0): 1" }.joined(separator: ", ")
    let merges = "a: &a {\(keys)}\nb:\n" + String(repeating: "- {<<: *a, <<: *a}\n", count: 10_000)
    #expect(throws: FileMistake.self) { try Self.parse(Array(merges.utf8)) }
    let combined = "a:\n  l: {\(keys)}\n" + String(repeating: "  l: {k: 1}\n", count: 10_000)
    #expect(throws: FileMistake.self) { try Self.parse(Array(combined.utf8)) }
  }

  @Test func `may use one anchor often`() throws {
    // Each use counts the same, so that the limit is one of values.
    let text = "a: &a [x, y]\nb:\n" + String(repeating: "- *a\n", count: 99_000)
    guard case .map(let entries) = try Self.parse(Array(text.utf8)).root?.content,
      case .list(let items) = entries.last?.value.content
    else {
      Issue.record("no list")
      return
    }
    #expect(items.count == 99_000)
    #expect(items.last.map(Self.text) == "[x, y]")
  }

  @Test func `that is too deep is refused`() {
    let deep = "maps and lists are more than 64 deep; flatten them"
    let lists = String(repeating: "[", count: 100_000)
    #expect(throws: FileMistake("m.yml", line: 1, deep)) { try Self.parse(Array(lists.utf8)) }
    var aliases = "a0: &a0 [x]\n"
    for level in 1..<100 { aliases += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(throws: FileMistake("m.yml", line: 63, deep)) { try Self.parse(Array(aliases.utf8)) }
  }

  @Test func `that is too long is refused`() {
    let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 8 << 20 + 1)
    #expect(throws: FileMistake("m.yml", line: nil, "the file is longer than 8MiB; shorten it")) {
      try Self.parse(bytes)
    }
  }

  private static let seed = """
    defaults: &d
      ttl: 1m
      summary_options: {quantiles: [{quantile: 0.5, error: 0.05}], max_age: 5m}
    mappings:
    - &first
      match: app.*.x
      name: app_$1
      labels: &l {code: $1, "zone": 'eu'}
    - <<: [*first, {help: >-
        some text}]
      match: b.(c|d)*
      match_type: regex
      buckets: [0.1, 1, 010]
    - match: "q.*"
      name: ${1}
      labels: *l
      scale: 1e-3
    """

  @Test("that is changed at random never stops the reader", arguments: 0..<40)
  func mutations(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = [
      "*l", "&l", "<<: ", "- ", "  ", "\n", ": ", "{", "}", "[", "]", "'", "\"", "|", ">", "#",
      "!!", "---\n", "~",
      "\t", "\0", "\u{FEFF}", "é", "%", "@", "`", "? ", "match", "name", "$", "(",
      "99999999999999999999",
    ].map { Array($0.utf8) }
    for _ in 0..<250 {
      var bytes = Array(Self.seed.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(contentsOf: random.pick(pieces), at: place)
        case 1:
          bytes.removeSubrange(
            place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
        default:
          let from = Int.random(in: 0..<bytes.count, using: &random)
          bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 20)], at: place)
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      do throws(FileMistake) {
        let rules = try MappingFile.parse(bytes, file: "m.yml").rules
        let name = Array("app.b.x".utf8)
        _ = rules.outcome(of: name.span, kind: .counter)
      } catch {
        #expect(error.description.hasPrefix("m.yml:"))
        #expect(!error.description.contains("\n"))
      }
    }
  }
}

@Suite("A scalar of YAML 1.1")
struct YAMLScalarTests {
  static let table: [(String, YAMLScalar)] = [
    ("y", .bool(true)), ("Yes", .bool(true)), ("ON", .bool(true)), ("TRUE", .bool(true)),
    ("n", .bool(false)),
    ("off", .bool(false)), ("False", .bool(false)), ("tRue", .text), ("yEs", .text),
    ("0", .whole(0)),
    ("-0", .whole(0)), ("+12", .whole(12)), ("010", .whole(8)), ("-010", .whole(-8)),
    ("08", .float(8)),
    ("0o17", .whole(15)), ("0x1F", .whole(31)), ("-0x1f", .whole(-31)), ("0b101", .whole(5)),
    ("1_000", .whole(1_000)),
    ("_1", .text), ("1__0", .whole(10)), ("0x", .text), ("0x_1", .whole(1)), ("--1", .text),
    ("+-1", .text),
    ("0x-1", .text), ("9223372036854775807", .whole(.max)),
    ("18446744073709551615", .float(0x1p64)),
    ("99999999999999999999", .float(1e20)), ("1.5", .float(1.5)), (".5", .float(0.5)),
    ("1.", .float(1)),
    ("1e3", .float(1_000)), ("1E-3", .float(0.001)), ("1_0.5", .float(10.5)), ("._5", .text),
    ("1.2.3", .text),
    (".inf", .float(.infinity)), ("-.Inf", .float(-.infinity)), ("+.INF", .float(.infinity)),
    ("inf", .text),
    ("nan", .text), ("1e400", .text), ("1:30", .text), ("2020-01-01", .text), ("1 2", .text),
    ("0x1p4", .text),
    (".", .text), ("-", .text), ("+", .text), ("e3", .text), (".e3", .text), ("5m", .text),
    ("abc", .text), ("é", .text),
  ]

  @Test("means", arguments: table)
  func means(_ text: String, _ scalar: YAMLScalar) {
    #expect(YAMLScalar(text) == scalar)
  }

  @Test func `may be no number`() {
    for word in [".nan", ".NaN", ".NAN"] { #expect(YAMLScalar(word).number?.isNaN == true) }
    #expect(YAMLScalar("yes").number == nil)
  }

  @Test(
    "that is a duration may have a sign",
    arguments: [
      ("5s", 5_000_000_000), ("-5s", -5_000_000_000), ("+1.5ms", 1_500_000), ("-0", 0), ("", nil),
      ("-", nil),
      ("--5s", nil), ("+-5s", nil), ("5", nil), ("5d", nil), ("1h-5m", nil),
    ] as [(String, Int?)])
  func duration(_ text: String, _ nanoseconds: Int?) {
    #expect(GoDuration.signedNanoseconds(text) == nanoseconds)
  }
}
