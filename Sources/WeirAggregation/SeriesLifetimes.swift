import WeirMetrics

/// How long a series of each kind is kept without an update.
package struct SeriesLifetimes: Sendable, Equatable {
  private var seconds: InlineArray<4, UInt32?> = .init(repeating: nil)

  /// Every series for ever.
  package init() {}

  /// Seconds; nil for ever.
  package subscript(kind: MetricKind) -> UInt32? {
    get { seconds[kind.index] }
    set { seconds[kind.index] = newValue }
  }

  package static func == (left: SeriesLifetimes, right: SeriesLifetimes) -> Bool {
    MetricKind.allCases.allSatisfy { left[$0] == right[$0] }
  }

  /// A round of the sweep is an eighth of a lifetime, so that a series leaves soon after its time;
  /// but no longer than this, and no shorter than a few seconds, so that a million series cost next
  /// to nothing.
  static let roundSecondsMax = 60
  static let roundSecondsMin = 4

  /// Seconds in which the sweep comes by every series of a kind.
  func roundSeconds(_ kind: MetricKind) -> Int {
    guard let lifetime = self[kind] else { return SeriesLifetimes.roundSecondsMax }
    let eighth = Int(lifetime) / 8
    return min(max(eighth, SeriesLifetimes.roundSecondsMin), SeriesLifetimes.roundSecondsMax)
  }
}
