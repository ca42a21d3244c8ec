import Synchronization
import WeirMetrics

/// One rule of a mapping file.
package final class MappingRule: Sendable {
  package enum Match: Sendable {
    case glob(Glob)
    case expression(RegularExpression)
  }

  package enum Action: String, Sendable {
    case map, drop
  }

  package struct Label: Sendable, Equatable {
    package let name: String
    package let value: Template

    package init(name: String, value: Template) {
      self.name = name
      self.value = value
    }
  }

  /// What a rule says, as it is read from a file.
  package struct Content: Sendable {
    /// The line of the file where the rule begins.
    package var line: Int
    package var match: Match
    /// The glob or the expression as it was written.
    package var matchText: String
    /// The kind of the samples that the rule is for; nil for all.
    package var matchKind: MetricKind?
    package var action = Action.map
    package var name: Template
    /// Ascending by name.
    package var labels: [Label] = []
    /// Whether a tag of the sample wins over a label of the rule.
    package var honorsLabels = false
    /// What values are multiplied by; nil for nothing.
    package var scale: Double?
    /// Nil if the rule has no help.
    package var help: String?
    /// Completed by the file's defaults.
    package var settings = ClassSettings()
    /// What samples are turned into; nil for nothing.
    package var resultKind: MetricKind?

    package init(line: Int, match: Match, matchText: String, name: Template) {
      self.line = line
      self.match = match
      self.matchText = matchText
      self.name = name
    }
  }

  /// Its place among the rules of the file, from 0.
  package let index: Int
  package let content: Content
  /// Identities that it was used for since the file was loaded. One that was forgotten meanwhile counts again.
  private let hitCount = Atomic<UInt64>(0)

  package var hits: UInt64 { hitCount.load(ordering: .relaxed) }

  func countHit() { hitCount.add(1, ordering: .relaxed) }

  init(_ content: Content, index: Int) {
    self.index = index
    self.content = content
  }

  /// The kind of the series that samples of a kind become. Members of a set are texts and no numbers, so
  /// that a set stays one.
  package func kind(of sample: MetricKind) -> MetricKind {
    sample == .set ? .set : content.resultKind ?? sample
  }

  /// Whether series of a kind can come of it.
  func gives(_ kind: MetricKind) -> Bool {
    if let result = content.resultKind {
      if kind == result { return true }
      // Sets stay sets.
      if kind != .set { return false }
    }
    return takes(kind)
  }

  /// Whether it is for samples that are sent with a kind.
  func takes(_ kind: MetricKind) -> Bool {
    content.matchKind == nil || content.matchKind == kind
  }

  /// Whether it matches by a regular expression.
  package var isExpression: Bool {
    if case .expression = content.match { true } else { false }
  }

  /// The greatest group that its templates refer to; nil if they refer to none.
  var groupMax: Int? {
    if content.action == .drop { return nil }
    return ([content.name] + content.labels.map(\.value)).compactMap(\.groupMax).max()
  }

  /// What it makes of a name whose groups are given.
  func mapped(_ name: Span<UInt8>, _ groups: [Range<Int>?]) -> MappedName {
    MappedName(
      rule: self, name: content.name.expanded(groups, in: name),
      labels: content.labels.map {
        MappedName.Label(name: $0.name, value: $0.value.expanded(groups, in: name))
      })
  }
}
