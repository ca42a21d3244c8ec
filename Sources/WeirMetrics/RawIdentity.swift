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
  func spell(
    _ identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>,
    into series: inout SeriesBuilder
  ) throws(Refusal)
}

/// Decides about identities as they were sent, before a series is spelled.
package protocol IdentityRules: Sendable {
  /// Whether a rule drops samples of this identity.
  func drops(_ identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>) -> Bool
}

/// Rules that drop nothing.
package struct NoIdentityRules: IdentityRules {
  package init() {}

  package func drops(_ identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>) -> Bool {
    false
  }
}
