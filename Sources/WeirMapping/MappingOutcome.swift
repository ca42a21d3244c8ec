/// What the rules of a file make of a name.
package enum MappingOutcome: Sendable {
  /// No rule matches. The file's defaults hold.
  case unmapped
  /// Its samples are dropped.
  case dropped(by: MappingRule)
  case mapped(MappedName)
}

/// A name with labels that a rule has made. Help, scale, class and so on are the rule's.
package struct MappedName: Sendable {
  package struct Label: Sendable, Equatable {
    package let name: String
    /// As expanded. An empty value takes the tag of this name away.
    package let value: [UInt8]
  }

  package let rule: MappingRule
  /// As expanded, before anything is escaped. It may be empty, and then no series can have it.
  package let name: [UInt8]
  /// Ascending by name.
  package let labels: [Label]
}
