import WeirMetrics

/// The matching of globs, written as it is told: an oracle.
struct NaiveGlobs {
  struct Rule {
    let components: [String]
    let kind: MetricKind?
  }

  let rules: [Rule]

  /// The first rule that matches.
  func ordered(_ name: String, _ kind: MetricKind) -> Int? {
    let parts = Self.parts(name)
    return rules.indices.first { index in
      Self.matches(rules[index].components, parts) && rules[index].fits(kind)
    }
  }

  /// At each component the literal before the star, of all rules that match.
  func unordered(_ name: String, _ kind: MetricKind) -> Int? {
    let parts = Self.parts(name)
    let matching = rules.indices.filter {
      Self.matches(rules[$0].components, parts) && rules[$0].fits(kind)
    }
    return matching.min { left, right in
      let stars = (
        rules[left].components.map { $0 == "*" }, rules[right].components.map { $0 == "*" }
      )
      // The first component in which one is a literal and the other a star decides, then the order.
      guard let place = stars.0.indices.first(where: { stars.0[$0] != stars.1[$0] }) else {
        return left < right
      }
      return !stars.0[place]
    }
  }

  private static func parts(_ name: String) -> [String] {
    name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private static func matches(_ components: [String], _ parts: [String]) -> Bool {
    components.count == parts.count && zip(components, parts).allSatisfy { $0 == "*" || $0 == $1 }
  }
}

extension NaiveGlobs.Rule {
  fileprivate func fits(_ other: MetricKind) -> Bool { kind == nil || kind == other }
}
