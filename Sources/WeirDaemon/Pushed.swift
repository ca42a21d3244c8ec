import Glibc
import WeirAggregation

/// All that is known of instances that push, and of what they pushed.
struct Pushed: Sendable {
  let owners: Owners
  let meter = PushMeter()
  let keyring = PushKeyring()

  init(aggregator: Aggregator, limits: OwnerLimits) {
    let start = Pushed.uptimeMilliseconds
    owners = Owners(
      aggregator: aggregator, limits: limits, uptime: { Pushed.uptimeMilliseconds - start })
  }

  /// Milliseconds since the machine started, those in which it was suspended included, as in the ages
  /// that instances tell.
  private static var uptimeMilliseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
  }
}
