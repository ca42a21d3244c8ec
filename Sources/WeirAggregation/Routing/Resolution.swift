import WeirMetrics

/// What an identity means. An identity is a name and tags as sent, with a kind.
struct Resolution {
  enum Outcome: Equatable {
    /// It has a series.
    case series
    /// It is refused.
    case refused(Refusal)
    /// A rule says that its samples are dropped.
    case dropped
  }

  /// The lease of the series, or `none`. A refusal's generation is the epoch in which it was
  /// refused.
  let lease: SeriesLease
  /// Tags of the line that became no label. The type is wide enough for all tags of a datagram.
  let tagsDropped: UInt16
  /// Tags of the line that are Datadog's own.
  let tagsInternal: UInt16
  let outcome: Outcome

  static func series(
    _ lease: SeriesLease, tagsDropped: Int = 0, tagsInternal: Int = 0
  ) -> Resolution {
    Resolution(
      lease: lease, tagsDropped: UInt16(tagsDropped), tagsInternal: UInt16(tagsInternal),
      outcome: .series)
  }

  /// - Parameter epoch: `Aggregator.admissionEpoch` before it was asked.
  static func refused(_ refusal: Refusal, epoch: UInt32) -> Resolution {
    Resolution(
      lease: SeriesLease(handle: .none, generation: epoch, classID: SeriesLease.none.classID),
      tagsDropped: 0, tagsInternal: 0, outcome: .refused(refusal))
  }

  static let dropped = Resolution(
    lease: .none, tagsDropped: 0, tagsInternal: 0, outcome: .dropped)
}
