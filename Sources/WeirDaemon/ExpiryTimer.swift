import CLinux
import WeirAggregation

/// Advances the clock of the aggregator, which removes expired series, and returns freed memory to
/// the kernel.
struct ExpiryTimer: Sendable {
  /// The aggregator's clock counts seconds.
  static let intervalSeconds = 1

  /// glibc keeps freed memory until malloc_trim(3), which takes about 20 ms for 150 MB. So it is
  /// called seldom, and only if it is worth it: this number of series takes 2 to 5 MB.
  static let trimSecondsMin = 60
  static let trimSeriesMin = 10_000

  let aggregator: Aggregator
  let owners: Owners
  /// Where the clock begins.
  var startSecond: UInt32 = 0

  /// Runs until its task is cancelled.
  func run() async {
    let clock = ContinuousClock()
    var trimmed = clock.now
    var seconds = RunningSeconds(from: trimmed, second: startSecond)
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
