/// How long the series of each kind are kept without an update.
package struct SeriesLifetimes: Sendable, Equatable {
  private var seconds: InlineArray<4, UInt32?> = .init(repeating: nil)

  /// No series expires.
  package init() {}

  /// Seconds; nil for never.
  package subscript(kind: MetricKind) -> UInt32? {
    get { seconds[kind.index] }
    set { seconds[kind.index] = newValue }
  }

  package static func == (left: SeriesLifetimes, right: SeriesLifetimes) -> Bool {
    MetricKind.allCases.allSatisfy { left[$0] == right[$0] }
  }
}
