/// Records durations in seconds. Create it with ``Client/timer(_:labels:help:)`` and keep it.
public struct Timer: Sendable {
  /// The histogram of the recorded durations.
  public let histogram: Histogram

  /// Records a duration. A negative one is dropped and counted.
  public func observe(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    histogram.observe(Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// Records the time since `start`, for code that cannot be enclosed in a closure.
  public func observe(since start: ContinuousClock.Instant) {
    observe(ContinuousClock.now - start)
  }

  /// Makes room for another series; see ``Counter/remove()``.
  public func remove() { histogram.remove() }

  /// Runs `body` and records its duration, whether it returns or throws.
  public func measure<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { observe(ContinuousClock.now - start) }
    return try body()
  }

  /// Runs `body` and records its duration, whether it returns or throws.
  public func measure<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { observe(ContinuousClock.now - start) }
    return try await body()
  }
}
