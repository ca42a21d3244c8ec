import WeirAggregation
import WeirMetrics

/// The instances that push, what they pushed, and the keys of their frames.
struct Pushed: Sendable {
  let owners: Owners
  let meter = PushMeter()
  let keyring = PushKeyring()
  /// Where frames are passed on; nil where they are applied here.
  var forward: ForwardDesk?

  init(aggregator: Aggregator, limits: OwnerLimits) {
    // This clock includes the time in which the machine is suspended (CLOCK_BOOTTIME), like the
    // ages of instances.
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
