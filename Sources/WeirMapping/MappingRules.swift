import WeirMetrics

/// The rules of a mapping file, as statsd_exporter has them: they decide by a sample's name and kind
/// what becomes of it.
///
/// Globs come first, and then the regular expressions in the file's order. Nothing changes after `init`,
/// so that any number of receivers may ask.
package final class MappingRules: Sendable {
  package let rules: [MappingRule]
  /// For names that no rule matches.
  package let defaults: ClassSettings
  private let globs: GlobList
  private let expressions: ExpressionList

  /// - Parameters:
  ///   - rules: In the file's order.
  ///   - isOrdered: Whether the first glob that matches wins; otherwise, at each component, the literal.
  package init(
    _ rules: [MappingRule.Content] = [], defaults: ClassSettings = ClassSettings(),
    isOrdered: Bool = true
  ) {
    let rules = rules.enumerated().map { MappingRule($1, index: $0) }
    var globs = GlobList(isOrdered: isOrdered)
    var expressions: [ExpressionList.Entry] = []
    for rule in rules {
      switch rule.content.match {
      case .glob(let glob): globs.add(glob, kind: rule.content.matchKind, rule: rule.index)
      case .expression(let expression):
        expressions.append(
          ExpressionList.Entry(
            rule: rule.index, kind: rule.content.matchKind, expression: expression,
            groupsWanted: rule.groupMax))
      }
    }
    self.rules = rules
    self.defaults = defaults
    self.globs = globs
    self.expressions = ExpressionList(expressions)
  }

  /// Whether globs go by the file's order.
  package var isOrdered: Bool { globs.isOrdered }

  /// What becomes of samples with a name, as it was sent and without its tags.
  ///
  /// - Complexity: O(name + nodes of the tree of globs + name · regular expressions) at worst; usually a few
  ///   hundred nanoseconds.
  package func outcome(of name: Span<UInt8>, kind: MetricKind) -> MappingOutcome {
    if let index = globs.rule(for: name, kind: kind) {
      let rule = rules[index]
      guard rule.content.action == .map else { return .dropped(by: rule) }
      guard case .glob(let glob) = rule.content.match, rule.groupMax != nil else {
        return .mapped(rule.mapped(name, []))
      }
      return .mapped(rule.mapped(name, glob.groups(of: name)))
    }
    guard let match = expressions.firstMatch(in: name, kind: kind) else { return .unmapped }
    let rule = rules[match.rule]
    guard rule.content.action == .map else { return .dropped(by: rule) }
    return .mapped(rule.mapped(name, match.groups))
  }
}
