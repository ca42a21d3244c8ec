import Testing
import WeirMetrics

@testable import WeirMapping

@Suite("A glob")
struct GlobTests {
  @Test(
    "is accepted",
    arguments: [
      "*", "a", "_", "a-", "A9_-z", "*.*", "a.*", "*.a", "a.9", "a.9-b", "a.b.*.c", "_._",
    ])
  func accepted(_ text: String) {
    #expect(Glob(text) != nil)
  }

  @Test(
    "is refused",
    arguments: [
      "", ".", "a.", ".a", "a..b", "9", "9a.b", "-a", "a.-b", "a*", "*a", "a.*b", "a.b*.c", "a.**",
      "a b", "a.é", "a.{b}", "a.b?", "a:b", "a/b", "a.\n", "[a]", "a,b",
      Array(repeating: "a", count: 513).joined(separator: "."),
    ])
  func refused(_ text: String) {
    #expect(Glob(text) == nil)
  }

  @Test(
    "captures what its stars stand for",
    arguments: [
      ("a.*", "a.bc", ["bc"]), ("*.*", ".", ["", ""]), ("a.*.b", "a..b", [""]), ("a.b", "a.b", []),
      ("*.a.*", "x,y=1.a.é", ["x,y=1", "é"]), ("*", "", [""]),
    ] as [(String, String, [String])])
  func captures(_ glob: String, _ name: String, _ stars: [String]) throws {
    let name = Array(name.utf8)
    let matching = try #require(Glob(glob))
    let groups = matching.groups(of: name.span)
    #expect(groups.first == 0..<name.count)
    #expect(groups.dropFirst().map { String(decoding: name[$0 ?? 0..<0], as: UTF8.self) } == stars)
  }
}

/// Rules of globs and the name that they are for, with the rule that wins, by order and without.
@Suite("A list of globs")
struct GlobListTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let globs: [String]
    let ordered: Int?
    let unordered: Int?

    init(_ name: String, _ globs: String, ordered: Int?, unordered: Int?) {
      self.name = name
      self.globs = globs.split(separator: " ").map(String.init)
      self.ordered = ordered
      self.unordered = unordered
    }

    var testDescription: String { "\(name) in \(globs)" }
  }

  static let table = [
    Case("a.b", "a.b", ordered: 0, unordered: 0),
    Case("a.b", "a.*", ordered: 0, unordered: 0),
    Case("a.b", "*.*", ordered: 0, unordered: 0),
    Case("a.", "a.*", ordered: 0, unordered: 0),
    Case("a.b", "*", ordered: nil, unordered: nil),
    Case("a", "a.*", ordered: nil, unordered: nil),
    Case("a.b.c", "a.*", ordered: nil, unordered: nil),
    Case("", "*", ordered: 0, unordered: 0),
    Case("*", "a", ordered: nil, unordered: nil),
    Case("*.b", "a.b *.b", ordered: 1, unordered: 1),
    Case("A.b", "a.b", ordered: nil, unordered: nil),
    Case("a.b", "a.* a.b", ordered: 0, unordered: 1),
    Case("a.b", "a.b a.*", ordered: 0, unordered: 0),
    Case("a.b", "*.b a.*", ordered: 0, unordered: 1),
    Case("a.b.c", "a.*.c a.b.*", ordered: 0, unordered: 1),
    // The literal leads nowhere, so that the star is taken.
    Case("a.b.c", "a.b.x a.*.c", ordered: 1, unordered: 1),
    Case("a.b.c.d", "a.b.c.x a.b.*.y *.b.c.d", ordered: 2, unordered: 2),
    Case("a.b.c.d", "*.*.*.* a.b.c.x *.b.c.d", ordered: 0, unordered: 2),
    // A rule that is the beginning of a longer one, before and after it.
    Case("a.b", "a.b.c a.b", ordered: 1, unordered: 1),
    Case("a.b", "a.b a.b.c", ordered: 0, unordered: 0),
    Case("a", "a.b.c a.b a", ordered: 2, unordered: 2),
    // The same glob twice, with another between.
    Case("a.b", "a.* *.b a.*", ordered: 0, unordered: 0),
    Case("a.b", "*.b a.* *.b", ordered: 0, unordered: 1),
    // A general rule of the same length, last.
    Case("a.b.c", "a.*.x a.b.y *.*.*", ordered: 2, unordered: 2),
  ]

  @Test("finds the rule", arguments: table)
  func rule(_ example: Case) throws {
    for isOrdered in [true, false] {
      var list = GlobList(isOrdered: isOrdered)
      for (index, glob) in example.globs.enumerated() {
        list.add(try #require(Glob(glob)), kind: nil, rule: index)
      }
      let rule = list.rule(example.name, .gauge)
      #expect(rule == (isOrdered ? example.ordered : example.unordered), "isOrdered: \(isOrdered)")
    }
  }

  @Test("does not see rules of another kind", arguments: [true, false])
  func kinds(_ isOrdered: Bool) throws {
    var list = GlobList(isOrdered: isOrdered)
    list.add(try #require(Glob("a.b")), kind: .gauge, rule: 0)
    list.add(try #require(Glob("a.b")), kind: .counter, rule: 1)
    list.add(try #require(Glob("a.*")), kind: nil, rule: 2)
    list.add(try #require(Glob("a.b")), kind: nil, rule: 3)
    let rules = MetricKind.allCases.map { list.rule("a.b", $0) }
    let unspecific = isOrdered ? 2 : 3
    #expect(rules == [1, 0, unspecific, unspecific])
  }

  @Test func `without rules finds none`() {
    #expect(GlobList(isOrdered: true).rule("a", .counter) == nil)
  }

  @Test("is not slowed by names that fit nearly everything", arguments: [true, false])
  func worstCase(_ isOrdered: Bool) throws {
    // Every component of every glob may be taken as a literal and as a star. Each node is visited once,
    // where going back without bounds would take 2^24 steps for each glob.
    var list = GlobList(isOrdered: isOrdered)
    var count = 0
    for last in 0..<12 {
      for mask in 0..<256 {
        let parts = (0..<24).map { mask >> ($0 % 8) & 1 == 1 ? "a" : "*" }
        list.add(
          try #require(Glob((parts + ["z\(last)"]).joined(separator: "."))), kind: nil, rule: count)
        count += 1
      }
    }
    let near = (Array(repeating: "a", count: 24) + ["y"]).joined(separator: ".")
    for _ in 0..<100 { #expect(list.rule(near, .counter) == nil) }
  }

  @Test func `takes names of any length`() throws {
    var list = GlobList(isOrdered: true)
    list.add(
      try #require(Glob(Array(repeating: "*", count: 512).joined(separator: "."))), kind: nil,
      rule: 0)
    for (name, expected) in [
      (String(repeating: ".", count: 511), 0), (String(repeating: ".", count: 65_535), nil),
      (String(repeating: "a", count: 65_535), nil), ("a", nil),
      (String(repeating: "é", count: 30_000) + String(repeating: ".", count: 511), 0),
    ] as [(String, Int?)] {
      #expect(list.rule(name, .set) == expected)
    }
  }
}
