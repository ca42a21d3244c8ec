/// How long something takes, in seconds. Get one from ``Client/timer(_:labels:help:)`` and keep it.
public struct Timer: Sendable {
  /// What it records into.
  public let histogram: Histogram

  /// Counts a duration. A negative one is dropped, and counted.
  public func observe(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    histogram.observe(Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// Counts how long it is since `start`, which is for what no closure can be put around.
  public func observe(since start: ContinuousClock.Instant) {
    observe(ContinuousClock.now - start)
  }

  /// Frees the place of this series for another; see ``Counter/remove()``.
  public func remove() { histogram.remove() }

  /// Runs `body` and counts how long it took, whether it returns or throws.
  public func measure<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { observe(ContinuousClock.now - start) }
    return try body()
  }

  /// Runs `body` and counts how long it took, whether it returns or throws.
  public func measure<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { observe(ContinuousClock.now - start) }
    return try await body()
  }
}
