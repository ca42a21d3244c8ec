import WeirBytes

/// When Weir stops. Requests that wait ask it, because they occupy the actor that sends them.
final class StopTime: Sendable {
  private let end = Locked<ContinuousClock.Instant?>(nil)

  func set(_ time: ContinuousClock.Instant) { end.withLock { $0 = time } }

  /// Whether Weir is stopping.
  var isSet: Bool { end.withLock { $0 != nil } }

  /// Whether what is still going on has to be given up.
  var hasPassed: Bool { end.withLock { $0 }.map { $0 <= .now } ?? false }

  /// How long a request may take: what is left until the stop, and at most this. 0 or less if nothing is left.
  func milliseconds(atMost longest: Int) -> Int {
    end.withLock { $0 }.map { min(longest, Int(($0 - .now) / .milliseconds(1))) } ?? longest
  }
}
