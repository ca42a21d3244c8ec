import Glibc
import WeirAggregation
import WeirConfiguration
import WeirMetrics

extension Options {
  /// Whether what is counted here is told to others as totals: to another Weir, or to the nodes of a cluster.
  var tellsTotals: Bool { forward.target != nil || cluster.isEnabled }

  /// The rules of classes for what is counted here.
  var rulesInForce: SeriesRules {
    guard tellsTotals else { return rules }
    var rules = rules.forwarding
    // Totals that others know must not begin again; in a cluster the view forgets series.
    for kind in MetricKind.allCases where kind != .set { rules.lifetimes[kind] = nil }
    rules.lifetimesByName = []
    return rules
  }
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
      countsGaugeSettings: options.tellsTotals,
      startSecond: startSecond,
      unixSeconds: { UInt32(clamping: Log.wallClock().tv_sec) })
    for family in ProcessFamily.all { reserve(family.name, kind: family.kind) }
    if options.pushgateway.isEnabled { reserveGroupTimes() }
  }
}
