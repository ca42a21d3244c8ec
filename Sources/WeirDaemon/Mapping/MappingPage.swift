import WeirBytes
import WeirMapping
import WeirMetrics

/// `/debug/mapping`: each rule with how often it was used, those that never were first.
struct MappingPage: Sendable {
  /// Rules that are shown.
  static let rulesMax = 2_000

  /// Nil without a mapping file.
  let rules: MappingRules?

  /// `hits line match -> name`, a line for each rule.
  var text: String {
    guard let rules else {
      return "There are no mapping rules; give a file with --statsd.mapping-config.\n"
    }
    let counted = rules.rules.map { (rule: $0, hits: $0.hits) }
    let sorted = counted.sorted { ($0.hits, $0.rule.index) < ($1.hits, $1.rule.index) }
    let unused = counted.count { $0.hits == 0 }
    var lines = [
      "\(CountText.counted(counted.count, "mapping rule")), \(unused) never used since the file was loaded: uses, line, match, "
        + "what comes of it.",
      "A use is a name with tags that a receiver saw for the first time, or again after some minutes.",
    ]
    for (rule, hits) in sorted.prefix(MappingPage.rulesMax) {
      lines.append("\(hits) \(rule.content.line) \(rule.shown)")
    }
    if sorted.count > MappingPage.rulesMax {
      lines.append("and \(sorted.count - MappingPage.rulesMax) more rules")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension MappingRule {
  /// The rule in a line: `"test.*.*" -> "test_$1"`.
  var shown: String {
    let match = RefusedPage.escaped(Array(content.matchText.utf8))
    let kind = content.matchKind.map { " for \($0.label)" } ?? ""
    switch content.action {
    case .drop: return "\"\(match)\"\(kind) is dropped"
    case .map:
      return "\"\(match)\"\(kind) -> \"\(RefusedPage.escaped(Array(content.name.source.utf8)))\""
    }
  }
}
