import TestSupport
import Testing
import WeirMetrics

@testable import WeirMapping

@Suite("A list of regular expressions")
struct ExpressionListTests {
  static func entries(_ patterns: [String], kinds: [MetricKind?] = []) throws -> [ExpressionList
    .Entry]
  {
    try patterns.enumerated().map { index, pattern in
      ExpressionList.Entry(
        rule: index, kind: index < kinds.count ? kinds[index] : nil,
        expression: try RegularExpression(pattern), groupsWanted: nil)
    }
  }

  @Test func `takes the first that matches, of the sample's kind`() throws {
    let list = ExpressionList(
      try Self.entries(["b", "a", "."], kinds: [.gauge, nil, nil]), isFiltered: false)
    #expect(list.first("a.b", .gauge)?.rule == 0)
    #expect(list.first("a.b", .counter)?.rule == 1)
    #expect(list.first("c", .set)?.rule == 2)
  }

  /// Expressions with and without texts that a name needs.
  private static func pattern(_ random: inout SeededGenerator) -> String {
    let words = [
      "app", "web", "db", "k", "s", "café", "λ", "Ops", "x1", "latency", "\u{212A}", "ſ",
    ]
    let pieces = (0..<Int.random(in: 1...4, using: &random)).map { _ -> String in
      switch Int.random(in: 0..<8, using: &random) {
      case 0: return "(.*)"
      case 1: return "(?:\(random.pick(words))|\(random.pick(words)))"
      case 2: return "(?i:\(random.pick(words)))"
      case 3: return "\(random.pick(words))?"
      case 4: return "[^.]+"
      case 5: return "(?:\(random.pick(words)))*"
      default: return random.pick(words)
      }
    }
    return (random.oneIn(3) ? "^" : "") + pieces.joined(separator: random.oneIn(2) ? "" : #"\."#)
      + (random.oneIn(4) ? "$" : "")
  }

  @Test("finds the same with a filter as without", arguments: 0..<60)
  func filter(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 6...40, using: &random)
    let entries = try Self.entries((0..<count).map { _ in Self.pattern(&random) })
    let filtered = ExpressionList(entries)
    let plain = ExpressionList(entries, isFiltered: false)
    let words = ["app", "web", "db", "APP", "ops", "café", "λ", "Λ", "x1", "latency", "K", "S", ""]
    for _ in 0..<200 {
      let name = (0..<Int.random(in: 1...4, using: &random)).map { _ in random.pick(words) }
        .joined(separator: random.oneIn(3) ? "" : ".")
      #expect(
        filtered.first(name, .counter)?.rule == plain.first(name, .counter)?.rule, "\(name)")
    }
  }

  @Test(
    "knows which expressions require ASCII in the case that is written",
    arguments: [
      ("", true), (#"^a(?:b|C)\.(?P<n>\w+)(?<m>x)\_$"#, true), (#"[(?i]\("#, false), ("é", false),
      ("(?i)a", false),
      ("(?s)a", false), ("a(?i:b)", false), (#"\x41"#, false), (#"\pL"#, false), (#"\PL"#, false),
      (#"\101"#, false),
      (#"\\"#, true),
    ])
  func plain(_ pattern: String, _ isPlain: Bool) {
    #expect(GoSyntax.requiresPlainASCII(pattern) == isPlain)
  }

  @Test func `gives the groups that are wanted`() throws {
    let entry = ExpressionList.Entry(
      rule: 4, kind: nil, expression: try RegularExpression("(a)(b)?(c)"), groupsWanted: 2)
    let match = try #require(ExpressionList([entry]).first("xac", .gauge))
    #expect(match.rule == 4)
    #expect(match.groups == [1..<3, 1..<2, nil])
  }
}

@Suite("A search for many texts")
struct LiteralSearchTests {
  @Test("finds each that is there", arguments: 0..<100)
  func finds(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let letters: [UInt8] = Array("abcz.".utf8)
    let texts = Set(
      (0..<Int.random(in: 1...30, using: &random)).map { _ in
        (0..<Int.random(in: 1...5, using: &random)).map { _ in random.pick(letters) }
      }
    ).sorted { $0.lexicographicallyPrecedes($1) }
    let search = try #require(LiteralSearch(texts))
    for _ in 0..<50 {
      let name = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        random.pick(letters + [UInt8(ascii: "A"), UInt8(ascii: "Z"), 0xE9])
      }
      let lower = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
      let expected = texts.indices.filter { number in
        lower.indices.contains { lower[$0...].starts(with: texts[number]) }
      }
      #expect(search.numbers(name) == expected)
    }
  }

  @Test func `of no texts finds none`() throws {
    let search = try #require(LiteralSearch([]))
    #expect(search.numbers(Array("abc".utf8)).isEmpty)
  }
}
