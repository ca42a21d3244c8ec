import WeirAggregation
import WeirBytes
import WeirMetrics

/// The instances that push, what they pushed, and the keys of their frames.
struct Pushed: Sendable {
  let owners: Owners
  let meter = PushMeter()
  let keyring = PushKeyring()
  /// Where frames are passed on; nil where they are applied here.
  var forward: ForwardDesk?

  /// - Parameters:
  ///   - keySeed: The key of the fingerprints in a state file; nil for a new one.
  ///   - memoryMilliseconds: For how long Weir has known instances, from a state file.
  init(
    aggregator: Aggregator, limits: OwnerLimits, keySeed: KeyStream? = nil,
    memoryMilliseconds: UInt64 = 0
  ) {
    // This clock includes the time in which the machine is suspended (CLOCK_BOOTTIME), like the
    // ages of instances.
    let start = ContinuousClock.now
    owners = Owners(
      aggregator: aggregator, limits: limits, keySeed: keySeed,
      uptime: {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return memoryMilliseconds + UInt64(clamping: seconds) * 1_000
          + UInt64(clamping: attoseconds / 1_000_000_000_000_000)
      })
  }
}
