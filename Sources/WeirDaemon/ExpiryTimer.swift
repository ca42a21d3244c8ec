import WeirAggregation

/// Tells the aggregator the time, so that it forgets series whose time is over.
struct ExpiryTimer: Sendable {
  /// The aggregator's clock counts seconds.
  static let intervalSeconds = 1

  let aggregator: Aggregator

  /// Runs until its task is cancelled.
  func run() async {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      do {
        try await Task.sleep(for: .seconds(ExpiryTimer.intervalSeconds))
      } catch {
        return
      }
      // Seconds that have really gone by, however late this was woken.
      aggregator.expire(atSecond: UInt32(clamping: (clock.now - start).components.seconds))
    }
  }
}
