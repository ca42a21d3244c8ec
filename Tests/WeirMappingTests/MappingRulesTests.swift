import Testing
import WeirMetrics

@testable import WeirMapping

@Suite("The rules of a mapping file")
struct MappingRulesTests {
  static func glob(
    _ match: String, _ name: String, _ change: (inout MappingRule.Content) -> Void = { _ in }
  ) throws -> MappingRule.Content {
    var content = MappingRule.Content(
      line: 1, match: .glob(try #require(Glob(match))), matchText: match, name: Template(glob: name)
    )
    change(&content)
    return content
  }

  static func expression(
    _ match: String, _ name: String, _ labels: [String: String] = [:]
  ) throws -> MappingRule.Content {
    let expression = try RegularExpression(match)
    var content = MappingRule.Content(
      line: 1, match: .expression(expression), matchText: match,
      name: Template(expression: name, groupsByName: expression.groupsByName))
    content.labels = labels.sorted { $0.key < $1.key }.map {
      MappingRule.Label(
        name: $0.key, value: Template(expression: $0.value, groupsByName: expression.groupsByName))
    }
    return content
  }

  /// The outcome in a line: `name{label=value}`, `dropped by 2`, `unmapped`.
  static func text(_ rules: MappingRules, _ name: String, _ kind: MetricKind = .counter) -> String {
    let bytes = Array(name.utf8)
    switch rules.outcome(of: bytes.span, kind: kind) {
    case .unmapped: return "unmapped"
    case .dropped(let rule): return "dropped by \(rule.index)"
    case .mapped(let mapped):
      let labels = mapped.labels.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
      return String(decoding: mapped.name, as: UTF8.self) + "{\(labels.joined(separator: ","))}"
    }
  }

  @Test func `map by globs, then by expressions in their order`() throws {
    let rules = MappingRules([
      try Self.expression("^a[.](.*)$", "any", ["rest": "$1", "whole": "${0}"]),
      try Self.expression("a", "later"),
      try Self.glob("a.*", "one_$1") {
        $0.labels = [MappingRule.Label(name: "part", value: Template(glob: "<$1>"))]
      },
      try Self.glob("a.no", "never") { $0.action = .drop },
    ])
    #expect(Self.text(rules, "a.b") == "one_b{part=<b>}")
    #expect(Self.text(rules, "a.no") == "one_no{part=<no>}")
    #expect(Self.text(rules, "a.b.c") == "any{rest=b.c,whole=a.b.c}")
    #expect(Self.text(rules, "b.a") == "later{}")
    #expect(Self.text(rules, "b") == "unmapped")
    #expect(Self.text(MappingRules(), "b") == "unmapped")
  }

  @Test func `drop what they say`() throws {
    var drop = try Self.expression(".", "gone")
    drop.action = .drop
    let rules = MappingRules(
      [try Self.glob("a.*", "kept"), try Self.glob("a.b", "gone") { $0.action = .drop }, drop],
      isOrdered: false)
    #expect(Self.text(rules, "a.b") == "dropped by 1")
    #expect(Self.text(rules, "a.c") == "kept{}")
    #expect(Self.text(rules, "x") == "dropped by 2")
    #expect(Self.text(rules, "") == "unmapped")
  }

  @Test func `look at a sample's kind, for globs and expressions`() throws {
    var expression = try Self.expression("a", "observed")
    expression.matchKind = .histogram
    let rules = MappingRules([
      try Self.glob("a", "counted") { $0.matchKind = .counter }, expression,
    ])
    #expect(Self.text(rules, "a", .counter) == "counted{}")
    #expect(Self.text(rules, "a", .histogram) == "observed{}")
    #expect(Self.text(rules, "a", .gauge) == "unmapped")
  }

  @Test func `give an empty name where a template is empty`() throws {
    let rules = MappingRules([try Self.glob("a.*", "$1"), try Self.expression("b(c)?", "$1")])
    #expect(Self.text(rules, "a.") == "{}")
    #expect(Self.text(rules, "b") == "{}")
    #expect(Self.text(rules, "bc") == "c{}")
  }

  @Test func `turn a kind into another, but not a set`() throws {
    let rule = MappingRules([try Self.glob("a", "b") { $0.resultKind = .gauge }]).rules[0]
    #expect(rule.kind(of: .counter) == .gauge)
    #expect(rule.kind(of: .histogram) == .gauge)
    #expect(rule.kind(of: .set) == .set)
    #expect(MappingRules([try Self.glob("a", "b")]).rules[0].kind(of: .counter) == .counter)
  }

  @Test("answer whatever a name is", arguments: [true, false])
  func hostile(_ isOrdered: Bool) throws {
    let rules = MappingRules(
      [
        try Self.glob("*.*.*", "x_$1"), try Self.glob("a.*", "y"),
        try Self.expression("(a*)*b", "$1"),
        try Self.expression("^(.*)[.](.*)[.](.*)$", "z", ["all": "$0"]),
      ], isOrdered: isOrdered)
    let names: [[UInt8]] = [
      [], [0], [UInt8](repeating: 0x2E, count: 65_535), [UInt8](repeating: 0x61, count: 65_535),
      [UInt8](repeating: 0xFF, count: 65_535),
      Array(repeating: [0x61, 0x2E], count: 32_000).flatMap { $0 },
      [0x2E, 0x2E], [0x2A, 0x2E, 0x2A, 0x2E, 0x2A], [0xC3], Array("a\nb.c".utf8),
    ]
    for name in names {
      for kind in MetricKind.allCases {
        if case .mapped(let mapped) = rules.outcome(of: name.span, kind: kind) {
          #expect(mapped.name.count <= name.count + 2)
        }
      }
    }
  }
}
