/// Since when each finding has been there, and which are shown.
package struct FindingTracker: Sendable {
  /// The most findings that are shown.
  package static let shownMax = 10
  /// The most that are known: a rule may find something of each listener.
  private static let knownMax = 1_000

  private struct Key: Hashable {
    let id: String
    let subject: String
  }

  private var since: [Key: Double] = [:]
  /// The findings of the last update, worst first.
  package private(set) var findings: [StatusAnswer.Finding] = []

  package init() {}

  /// Replaces the findings by those that the rules make now.
  ///
  /// - Parameter rules: The rules that are used.
  /// - Complexity: O(rules and what they look at).
  package mutating func update(_ window: FindingWindow, rules: [FindingRule] = FindingRule.all) {
    let now = window.now.uptimeSeconds
    let found = Array(rules.flatMap { $0.findings(in: window) }.prefix(FindingTracker.knownMax))
    var stillThere: [Key: Double] = [:]
    findings = found.map { finding in
      let key = Key(id: finding.id, subject: finding.subject)
      let first = since[key] ?? now
      stillThere[key] = first
      var finding = finding
      finding.sinceSeconds = now - first
      return finding
    }
    since = stillThere
    // A stable order, so that nothing jumps on a page that is read each second.
    findings.sort { left, right in
      if left.level != right.level { return left.level > right.level }
      return left.sinceSeconds > right.sinceSeconds
    }
    findings = Array(findings.prefix(FindingTracker.shownMax))
  }
}
