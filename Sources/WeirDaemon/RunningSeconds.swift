/// Counts the seconds that go by while Weir runs.
///
/// While it was stopped (SIGSTOP, a suspended machine) nothing could arrive, so that no series was
/// without updates for that long: of a pause only `stepMax` is counted.
struct RunningSeconds {
  /// Seconds counted at once. One more than calls are apart, for a busy machine wakes them late.
  static let stepMax = 2

  private var countedUntil: ContinuousClock.Instant
  private var seconds: UInt32 = 0

  init(from start: ContinuousClock.Instant) { countedUntil = start }

  /// Whole seconds so far, when it is `now`; asked once a second.
  mutating func count(until now: ContinuousClock.Instant) -> UInt32 {
    let elapsed = Int(clamping: (now - countedUntil).components.seconds)
    if elapsed > RunningSeconds.stepMax {
      seconds += UInt32(RunningSeconds.stepMax)
      countedUntil = now
    } else if elapsed > 0 {
      seconds += UInt32(elapsed)
      // What is left of a second is counted with the next.
      countedUntil += .seconds(elapsed)
    }
    return seconds
  }
}
