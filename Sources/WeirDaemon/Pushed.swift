import WeirAggregation
import WeirMetrics

/// All that is known of instances that push, and of what they pushed.
struct Pushed: Sendable {
  let owners: Owners
  let meter = PushMeter()
  let keyring = PushKeyring()

  init(aggregator: Aggregator, limits: OwnerLimits) {
    // It counts the time in which the machine is suspended (CLOCK_BOOTTIME), as the ages of instances do.
    let start = ContinuousClock.now
    owners = Owners(
      aggregator: aggregator, limits: limits,
      uptime: {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return UInt64(clamping: seconds) * 1_000
          + UInt64(clamping: attoseconds / 1_000_000_000_000_000)
      })
  }
}
