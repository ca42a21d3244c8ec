import Glibc
import WeirAggregation
import WeirConfiguration
import WeirMetrics

extension Options {
  /// The rules of classes, which a Weir that forwards limits.
  var rulesInForce: SeriesRules { forward.target == nil ? rules : rules.forwarding }
}

extension Aggregator {
  /// An aggregator as the options ask for, in which the names of `process_*` are Weir's own.
  convenience init(
    _ options: Options, identityRules: any IdentityRules = NoIdentityRules(),
    startSecond: UInt32 = 0
  ) {
    self.init(
      rules: options.rulesInForce,
      identityRules: identityRules, limits: options.limits,
      names: options.statsd.names, zeroFirstSeconds: options.series.zeroFirstSeconds,
      countsGaugeSettings: options.forward.target != nil,
      startSecond: startSecond,
      unixSeconds: { UInt32(clamping: Log.wallClock().tv_sec) })
    for family in ProcessFamily.all { reserve(family.name, kind: family.kind) }
    if options.pushgateway.isEnabled { reserveGroupTimes() }
  }
}
