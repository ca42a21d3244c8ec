import WeirConfiguration

/// When each datagram of a recording is due.
struct ReplayClock {
  private let speed: ReplaySpeed
  /// The time of the first datagram, in the recording and now.
  private var origin: (nanoseconds: Int64, instant: ContinuousClock.Instant)?

  /// A century. No wait is longer, whatever times a file has.
  private static let nanosecondsMax = 3e18

  init(_ speed: ReplaySpeed) { self.speed = speed }

  /// The instant for a datagram; nil for at once. One that was recorded before the first is due at once, too.
  ///
  /// - Parameters:
  ///   - nanoseconds: The time in the recording.
  ///   - now: When the first datagram is sent.
  mutating func due(
    _ nanoseconds: Int64, now: @autoclosure () -> ContinuousClock.Instant = .now
  ) -> ContinuousClock.Instant? {
    guard case .factor(let factor) = speed else { return nil }
    guard let origin else {
      let instant = now()
      self.origin = (nanoseconds, instant)
      return instant
    }
    let passed = Double(nanoseconds - origin.nanoseconds) / factor
    let bounded = min(max(0, passed), ReplayClock.nanosecondsMax)
    return origin.instant + .nanoseconds(Int64(bounded))
  }
}
