/// When Weir started by the wall clock, which may be set while Weir runs.
///
/// Small differences are ignored, so that an answer and the next one count in the same way.
package struct WallClock: Sendable {
  /// A greater difference means that the clock was set.
  private static let toleranceSeconds = 1.0

  /// In milliseconds since 1970, as the clock is now.
  package private(set) var startMilliseconds: Int
  /// What was told before this time was told by another clock.
  private var validFrom = Int.min

  package init(wallSeconds: Double, uptimeSeconds: Double) {
    startMilliseconds = Int(((wallSeconds - uptimeSeconds) * 1_000).rounded())
  }

  /// Compares the clock with the time since the start.
  package mutating func update(wallSeconds: Double, uptimeSeconds: Double) {
    let start = Int(((wallSeconds - uptimeSeconds) * 1_000).rounded())
    guard Double(abs(start - startMilliseconds)) > WallClock.toleranceSeconds * 1_000 else {
      return
    }
    startMilliseconds = start
    validFrom = Int((wallSeconds * 1_000).rounded())
  }

  /// A time that an earlier answer had, in milliseconds since the start; nil if the clock was set since.
  package func sinceStart(_ milliseconds: Int) -> Int? {
    milliseconds < validFrom ? nil : milliseconds - startMilliseconds
  }
}
