/// When a total that has not changed is sent again, so that one arrival among the last few makes
/// Weir's view exact, and a Weir that was started anew knows all within a minute.
enum RepeatSchedule {
  /// Flushes between the late repetitions.
  static let longest = 60
  /// Up to here they are 1, 2, 4, 8, … flushes after the change.
  static let lastDoubling = 32

  /// Whether to send `flushes` after the last change, 0 being the one that saw it.
  ///
  /// - Parameter phase: Any number; the late repetitions of series with different ones fall in
  ///   different flushes, so that they don't come as a flood.
  /// - Parameter isRemoved: Whether nobody wants to see it any more; the late repetitions are left out.
  static func isDue(after flushes: Int, phase: Int, isRemoved: Bool = false) -> Bool {
    if flushes <= lastDoubling { return flushes & (flushes - 1) == 0 }
    return !isRemoved && (flushes + phase) % longest == 0
  }
}
