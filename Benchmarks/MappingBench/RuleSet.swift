import WeirConfiguration
import WeirMapping

/// A mapping file of this benchmark: 1,000 globs and 100 expressions, or none.
enum RuleSet: String, CaseIterable {
  case none = "no rules"
  case unused = "no rule matches"
  case glob = "a glob matches, the last"
  case expression = "an expression matches, the last"

  static let globs = 1_000
  static let expressions = 100

  /// Nil for none.
  func load() throws(FileMistake) -> MappingRules? {
    if self == .none { return nil }
    return try MappingFile.parse(Array(yaml.utf8), file: "bench.yml").rules
  }

  private var yaml: String {
    var text = "mappings:\n"
    for index in 0..<(self == .glob ? Self.globs - 1 : Self.globs) {
      // Names of this benchmark go into the tree as far as the third component.
      text += """
        - match: shop\(index).*.cart.part\(index % 10)
          name: other_\(index)
          labels: {zone: $1}

        """
    }
    if self == .glob {
      text += """
        - match: "*.*.cart.requests"
          name: requests_total
          labels: {shop: $1, zone: $2}

        """
    }
    for index in 0..<(self == .expression ? Self.expressions - 1 : Self.expressions) {
      text += Self.expression(index)
    }
    if self == .expression {
      text += #"""
        - match: '^(\w+)\.(\w+)\.cart\.requests$'
          match_type: regex
          name: requests_total
          labels: {shop: $1, zone: $2}

        """#
    }
    return text
  }

  /// One of four forms that are found in published files.
  private static func expression(_ index: Int) -> String {
    let match = [
      #"^api\#(index)\.(.+)\.latency$"#, #"(.+)\.db\#(index)\.queries_(.+)$"#,
      #"worker\#(index)\.([^.]*)\.(done|failed)"#, #"^proxy\.(.+?)\/(.+?)\.backend\#(index)$"#,
    ][index % 4]
    return
      "- {match: '\(match)', match_type: regex, name: other_expression_\(index), labels: {first: $1}}\n"
  }
}
