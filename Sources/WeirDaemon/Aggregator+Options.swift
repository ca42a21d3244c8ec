import Glibc
import WeirAggregation
import WeirConfiguration
import WeirMetrics

extension Aggregator {
  /// An aggregator as the options ask for, in which the names of `process_*` are Weir's own.
  convenience init(_ options: Options, startSecond: UInt32 = 0) {
    self.init(
      rules: options.forward.target == nil ? options.rules : options.rules.forwarding,
      sets: options.sets, limits: options.limits,
      names: options.statsd.names, zeroFirstSeconds: options.series.zeroFirstSeconds,
      countsGaugeSettings: options.forward.target != nil,
      startSecond: startSecond,
      unixSeconds: { UInt32(clamping: Log.wallClock().tv_sec) })
    for family in ProcessFamily.all { reserve(family.name, kind: family.kind) }
  }
}
