import WeirBytes

/// When Weir stops. Requests that wait ask it, because they occupy the actor that sends them.
final class StopTime: Sendable {
  private let end = Locked<ContinuousClock.Instant?>(nil)

  func set(_ time: ContinuousClock.Instant) { end.withLock { $0 = time } }

  /// Whether Weir is stopping.
  var isSet: Bool { end.withLock { $0 != nil } }

  /// Whether what is still going on is to be given up.
  var hasPassed: Bool { end.withLock { $0 }.map { $0 <= .now } ?? false }
}
