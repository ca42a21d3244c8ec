import WeirMetrics

/// What an identity means. An identity is a name and tags as sent, with a kind.
struct Resolution {
  enum Outcome: Equatable {
    /// It has a series.
    case series
    /// It has a series with a name that a rule gave.
    case mapped
    /// The same, and the rule changes values or the kind: `tagsDropped` and `tagsInternal` are the halves of the
    /// number of a `SampleChange`.
    case changed
    /// It is refused. `tagsDropped` is 1 if a rule gave it its name.
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
    _ lease: SeriesLease, tagsDropped: Int = 0, tagsInternal: Int = 0, isMapped: Bool = false
  ) -> Resolution {
    Resolution(
      lease: lease, tagsDropped: UInt16(tagsDropped), tagsInternal: UInt16(tagsInternal),
      outcome: isMapped ? .mapped : .series)
  }

  /// - Parameter change: Its number.
  static func changed(_ lease: SeriesLease, _ change: UInt32) -> Resolution {
    Resolution(
      lease: lease, tagsDropped: UInt16(truncatingIfNeeded: change),
      tagsInternal: UInt16(truncatingIfNeeded: change >> 16), outcome: .changed)
  }

  /// The number of the change, if there is one.
  var change: Int { Int(tagsDropped) | Int(tagsInternal) << 16 }

  /// Whether it has a series.
  var hasSeries: Bool {
    switch outcome {
    case .series, .mapped, .changed: true
    case .refused, .dropped: false
    }
  }

  /// - Parameters:
  ///   - epoch: `Aggregator.admissionEpoch` before it was asked.
  ///   - isMapped: Whether a rule gave it its name.
  static func refused(_ refusal: Refusal, epoch: UInt32, isMapped: Bool) -> Resolution {
    Resolution(
      lease: SeriesLease(handle: .none, generation: epoch, classID: SeriesLease.none.classID),
      tagsDropped: isMapped ? 1 : 0, tagsInternal: 0, outcome: .refused(refusal))
  }

  /// Whether a rule gave its name to what is refused.
  var isRefusedAsMapped: Bool { tagsDropped == 1 }

  static let dropped = Resolution(
    lease: .none, tagsDropped: 0, tagsInternal: 0, outcome: .dropped)
}
