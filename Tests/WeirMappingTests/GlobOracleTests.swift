import TestSupport
import Testing
import WeirMetrics

@testable import WeirMapping

@Suite("A list of random globs")
struct GlobOracleTests {
  @Test("agrees with the plain definition", arguments: 0..<150)
  func agrees(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let words = Array(["a", "b", "c", "d-e", "f_1"].prefix(Int.random(in: 1...5, using: &random)))
    let depth = Int.random(in: 1...6, using: &random)
    let count = Int.random(in: 1...40, using: &random)
    let stars = Int.random(in: 1...5, using: &random)
    let rules = (0..<count).map { _ in
      NaiveGlobs.Rule(
        components: (0..<Int.random(in: 1...depth, using: &random)).map { _ in
          random.oneIn(stars) ? "*" : random.pick(words)
        },
        kind: random.oneIn(3) ? random.pick(MetricKind.allCases) : nil)
    }
    let oracle = NaiveGlobs(rules: rules)
    var ordered = GlobList(isOrdered: true)
    var unordered = GlobList(isOrdered: false)
    for (index, rule) in rules.enumerated() {
      let glob = try #require(Glob(rule.components.joined(separator: ".")))
      ordered.add(glob, kind: rule.kind, rule: index)
      unordered.add(glob, kind: rule.kind, rule: index)
    }
    for _ in 0..<150 {
      let name = (0..<Int.random(in: 1...depth + 1, using: &random)).map { _ in
        random.oneIn(8) ? random.pick(["", "*", "zz", "A", "d"]) : random.pick(words)
      }.joined(separator: ".")
      let kind = random.pick(MetricKind.allCases)
      #expect(ordered.rule(name, kind) == oracle.ordered(name, kind), "\(name) of \(kind)")
      #expect(unordered.rule(name, kind) == oracle.unordered(name, kind), "\(name) of \(kind)")
    }
  }

  @Test("gives stars the components that they stand for", arguments: 0..<50)
  func captures(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let isStar = (0..<Int.random(in: 1...8, using: &random)).map { _ in random.oneIn(2) }
    let parts = isStar.map { _ in random.pick(["a", "bb", "c-c", "x1"]) }
    let glob = try #require(
      Glob(zip(isStar, parts).map { $0 ? "*" : $1 }.joined(separator: ".")))
    let name = Array(parts.joined(separator: ".").utf8)
    let template = Template(glob: (1...9).map { "${\($0)}" }.joined(separator: ","))
    let text = String(
      decoding: template.expanded(glob.groups(of: name.span), in: name.span), as: UTF8.self)
    let expected = zip(isStar, parts).filter(\.0).map(\.1)
    #expect(
      text == (expected + Array(repeating: "", count: 9 - expected.count)).joined(separator: ","))
  }
}
