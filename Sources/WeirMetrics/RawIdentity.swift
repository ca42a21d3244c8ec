/// The name and the tags of a sample as they were sent: ranges of the bytes that it was decoded from.
///
/// Nothing is copied, so that a rule can look at a name before its series is spelled.
package struct RawIdentity: Sendable {
  /// The name, up to its first tag.
  package var name: Range<Int>
  /// The rest of the name after its tags, which SignalFx' style allows; otherwise empty.
  package var nameRest: Range<Int>
  /// The list of tags, without the mark before it; empty if there are none.
  package var tags: Range<Int>
  /// The mark that begins the tags in a name, which shows their style; 0 for DogStatsD's tags.
  package var mark: UInt8
  /// The sender's container, from DogStatsD's field `c:`; otherwise empty.
  package var container: Range<Int>

  package init(
    name: Range<Int>, nameRest: Range<Int> = 0..<0, tags: Range<Int> = 0..<0, mark: UInt8 = 0,
    container: Range<Int> = 0..<0
  ) {
    self.name = name
    self.nameRest = nameRest
    self.tags = tags
    self.mark = mark
    self.container = container
  }
}

/// Reads the name and labels of a sample from its identity bytes, in two steps, so that rules can decide
/// between them.
///
/// It is used only when an identity is seen for the first time. After that its bytes alone find the
/// series.
package protocol IdentityReader: Sendable {
  /// Finds the name and the tags of a sample.
  func identity(of sample: Sample, in bytes: Span<UInt8>) throws(Refusal) -> RawIdentity

  /// Spells its series, and ends with `SeriesBuilder.finish`.
  ///
  /// - Parameter renamed: What a rule makes of it; nil to spell it as it was sent.
  func spell(
    _ identity: RawIdentity, as renamed: RenamedIdentity?, kind: MetricKind, asked: AskedClass,
    in bytes: Span<UInt8>, into series: inout SeriesBuilder
  ) throws(Refusal)
}

/// Decides about identities as they were sent, before a series is spelled.
package protocol IdentityRules: Sendable {
  /// What becomes of samples of this identity.
  ///
  /// - Parameter kind: As sent.
  func verdict(on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>) -> IdentityVerdict

  /// What may have been asked of the class of a metric whose series come back from a file. The most likely
  /// comes first; empty if the metric can't come of these rules.
  ///
  /// - Parameter name: As a scrape shows it, without quotes.
  func asked(ofMetric name: [UInt8], kind: MetricKind) -> [AskedClass]
}

extension IdentityRules {
  /// Rules that ask nothing of classes.
  package func asked(ofMetric name: [UInt8], kind: MetricKind) -> [AskedClass] { [.nothing] }
}

/// What rules make of an identity.
package enum IdentityVerdict: Sendable {
  /// No rule is for it. It is spelled as it was sent.
  case asSent(AskedClass)
  case dropped
  case renamed(RenamedIdentity)
}

/// The name, labels and settings that a rule gives the samples of an identity.
package struct RenamedIdentity: Sendable {
  package struct Label: Sendable, Equatable {
    package let name: [UInt8]
    /// Empty takes a tag of this name away.
    package let value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  /// Before what Prometheus does not allow is replaced.
  package var name: [UInt8]
  package var labels: [Label] = []
  /// Whether a tag of the sample wins over a label of the same name.
  package var honorsTags = false
  /// The kind of the series.
  package var kind: MetricKind
  /// What values are multiplied by.
  package var scale: Double?
  package var asked = AskedClass.nothing
  /// At most `FamilyMeta.mappedHelpBytesMax` bytes.
  package var help: String?

  package init(name: [UInt8], kind: MetricKind) {
    self.name = name
    self.kind = kind
  }
}

/// Without rules.
package struct NoIdentityRules: IdentityRules {
  package init() {}

  package func verdict(
    on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>
  ) -> IdentityVerdict {
    .asSent(.nothing)
  }
}
