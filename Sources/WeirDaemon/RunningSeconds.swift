/// Counts the seconds while Weir runs.
///
/// While it is stopped (SIGSTOP, a suspended machine) nothing can arrive, and series should not
/// expire because of that: of a pause only `stepMax` is counted.
struct RunningSeconds {
  /// Most seconds counted at once: one more than the interval of the calls, because a busy machine
  /// is late.
  static let stepMax = 2

  private var countedUntil: ContinuousClock.Instant
  private var seconds: UInt32

  /// - Parameter second: The second at `start`: 0, or the one at which an earlier Weir has saved its state.
  init(from start: ContinuousClock.Instant, second: UInt32 = 0) {
    countedUntil = start
    seconds = second
  }

  /// The second at `now`; called once a second.
  mutating func count(until now: ContinuousClock.Instant) -> UInt32 {
    let elapsed = Int(clamping: (now - countedUntil).components.seconds)
    if elapsed > RunningSeconds.stepMax {
      seconds += UInt32(RunningSeconds.stepMax)
      countedUntil = now
    } else if elapsed > 0 {
      seconds += UInt32(elapsed)
      // The rest of a second is counted later.
      countedUntil += .seconds(elapsed)
    }
    return seconds
  }
}
