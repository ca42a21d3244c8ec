import TestSupport
import Testing
import WeirMetrics

@Suite("Random mapping files")
struct MappingOracleTests {
  private static let words = ["app", "db", "web-1", "x_2", "GET", "200"]

  private static func template(_ random: inout SeededGenerator) -> String {
    let references = ["$1", "${1}", "${2}", "$3", "$1_x", "${9}", "$$"]
    return (0..<Int.random(in: 0...3, using: &random)).map { _ in
      random.oneIn(2) ? random.pick(["a", "b_", "-", ".", " "]) : random.pick(references)
    }.joined(separator: random.oneIn(2) ? "-" : "")
  }

  /// A name of at least one letter, where references may stand. After `$1` nothing follows that belongs to it.
  private static func name(_ random: inout SeededGenerator) -> String {
    random.pick(["one", "two", "m_${1}", "m_${1}_${2}", "${1}", "three_$2", "all"])
  }

  private static func match(_ random: inout SeededGenerator, isRegex: Bool, depth: Int) -> String {
    let count = Int.random(in: 1...depth, using: &random)
    let components = (0..<count).map { index in
      random.oneIn(2) || index == 0 && isRegex == false && random.oneIn(6)
        ? "*" : random.pick(index == 0 ? ["app", "db", "x_2"] : words)
    }
    guard isRegex else { return components.joined(separator: ".") }
    let pieces = components.map { $0 == "*" ? random.pick(["([^.]*)", "(.+)", "(a|b|G)?"]) : $0 }
    return (random.oneIn(2) ? "^" : "") + pieces.joined(separator: #"\."#)
      + (random.oneIn(2) ? "$" : "")
  }

  private static func mapping(_ random: inout SeededGenerator) -> NaiveMapping {
    let depth = Int.random(in: 1...5, using: &random)
    let rules = (0..<Int.random(in: 1...25, using: &random)).map { _ in
      let isRegex = random.oneIn(4)
      var rule = NaiveMapping.Rule(
        match: match(&random, isRegex: isRegex, depth: depth), isRegex: isRegex,
        name: name(&random),
        labels: ["env", "part", "kind"].filter { _ in random.oneIn(3) }
          .map { ($0, template(&random)) })
      if random.oneIn(3) { rule.type = random.pick(["counter", "gauge", "observer"]) }
      rule.isDrop = random.oneIn(8)
      rule.honorsLabels = random.oneIn(3)
      if random.oneIn(4) { rule.scale = random.pick([2, 0.5, 4]) }
      return rule
    }
    return NaiveMapping(rules: rules, isOrdered: random.oneIn(2))
  }

  @Test("come to the page that the documentation says", arguments: 0..<60 as Range<UInt64>)
  func pages(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let mapping = Self.mapping(&random)
    var expected = NaivePage(mapping)
    let server = try MappedServer(mapping.yaml)
    var lines: [String] = []
    for _ in 0..<120 {
      let name = (0..<Int.random(in: 1...5, using: &random)).map { index in
        random.oneIn(10) && index > 0 ? "" : random.pick(Self.words)
      }.joined(separator: ".")
      let (type, letter) = random.pick([("counter", "c"), ("gauge", "g"), ("observer", "h")])
      let tags = [("env", "prod"), ("kind", "tag"), ("zone", "z")].filter { _ in random.oneIn(3) }
      let value = Double(Int.random(in: 1...50, using: &random))
      expected.take(name, value, type, tags)
      lines.append(
        "\(name):\(value)|\(letter)"
          + (tags.isEmpty ? "" : "|#" + tags.map { "\($0.0):\($0.1)" }.joined(separator: ",")))
    }
    // In two batches, so that the second is from the memo in part.
    server.send([lines[..<60].joined(separator: "\n")])
    server.send([lines[60...].joined(separator: "\n")])
    var shown: [String: Double] = [:]
    for line in try await server.samples() where !line.contains("_bucket{") {
      let end = try #require(line.lastIndex(of: " "))
      let number = Double(line[line.index(after: end)...])
      #expect(shown.updateValue(number ?? .nan, forKey: String(line[..<end])) == nil, "\(line)")
    }
    #expect(shown == expected.samples, "\(mapping.yaml)")
    #expect(server.refused().values.reduce(0, +) == expected.refused)
  }
}
