/// When an unchanged total is sent again. One received frame of the last few makes Weir's totals
/// exact, and a restarted Weir has all totals within a minute.
///
/// ```
/// flushes after the change:  0 1 2   4       8               16               32 … 60 … 120 …
/// ```
enum RepeatSchedule {
  /// Flushes between the late repetitions.
  static let longest = 60
  /// The last repetition whose interval doubles (1, 2, 4, 8, … flushes after the change).
  static let lastDoubling = 32

  /// Whether to send a total `flushes` after its last change; 0 is the flush that found the change.
  ///
  /// - Parameters:
  ///   - phase: Any number. Late repetitions of series with different phases are in different
  ///     flushes, which spreads the load.
  ///   - isRemoved: Whether the series was removed; it has no late repetitions.
  static func isDue(after flushes: Int, phase: Int, isRemoved: Bool = false) -> Bool {
    if flushes <= lastDoubling { return flushes & (flushes - 1) == 0 }
    return !isRemoved && (flushes + phase) % longest == 0
  }
}
