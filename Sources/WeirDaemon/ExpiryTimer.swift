import CLinux
import WeirAggregation

/// Tells the aggregator the time, so that it forgets series whose time is over, and has the memory
/// that they took given back to the kernel.
struct ExpiryTimer: Sendable {
  /// The aggregator's clock counts seconds.
  static let intervalSeconds = 1

  /// glibc keeps what is freed between other things for itself until it is told to let go, which
  /// takes some 20 ms for 150 MB. So it is told seldom, and only of what is worth it: so many series
  /// take 2 to 5 MB.
  static let trimSecondsMin = 60
  static let trimSeriesMin = 10_000

  let aggregator: Aggregator
  let owners: Owners

  /// Runs until its task is cancelled.
  func run() async {
    let clock = ContinuousClock()
    var trimmed = clock.now
    var seconds = RunningSeconds(from: trimmed)
    var expired = 0
    while true {
      do {
        try await Task.sleep(for: .seconds(ExpiryTimer.intervalSeconds))
      } catch {
        return
      }
      let now = clock.now
      let second = seconds.count(until: now)
      expired += aggregator.expire(atSecond: second)
      expired += owners.expire(atSecond: second)
      if expired >= ExpiryTimer.trimSeriesMin,
        now - trimmed >= .seconds(ExpiryTimer.trimSecondsMin)
      {
        _ = malloc_trim(0)
        trimmed = now
        expired = 0
      }
    }
  }
}
