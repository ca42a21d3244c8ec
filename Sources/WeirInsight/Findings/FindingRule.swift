/// A rule that makes findings: a row of the table `FindingRule.all`.
package struct FindingRule: Sendable {
  /// Never changes, because others may select findings by it.
  package let id: String
  /// The view of the page that shows more.
  private let view: String
  private let make: @Sendable (FindingWindow) -> [Draft]

  /// A finding without what its rule knows.
  struct Draft {
    var level: StatusAnswer.Finding.Level
    var subject = ""
    var what: String
    var fix: String
  }

  init(
    _ id: String, view: String = "overview", make: @escaping @Sendable (FindingWindow) -> [Draft]
  ) {
    self.id = id
    self.view = view
    self.make = make
  }

  /// What the rule finds in a window.
  package func findings(in window: FindingWindow) -> [StatusAnswer.Finding] {
    make(window).map {
      StatusAnswer.Finding(
        id: id, level: $0.level, subject: $0.subject, what: $0.what, fix: $0.fix, view: view)
    }
  }

  /// Every rule.
  package static let all: [FindingRule] =
    cluster + input + refusals + limits + push + scrapes + service + outputs
}
