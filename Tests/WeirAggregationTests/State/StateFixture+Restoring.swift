import WeirBytes
import WeirMetrics

@testable import WeirAggregation

extension Aggregator {
  /// An aggregator whose clock starts at the fixture's second.
  static func restoring(
    _ rules: SeriesRules = SeriesRules(), names: NameStyle = .classic, zeroFirst: UInt32 = 0,
    limits change: (inout SeriesLimits) -> Void = { _ in }
  ) -> Aggregator {
    var limits = SeriesLimits()
    change(&limits)
    return Aggregator(
      rules: rules, limits: limits, names: names, zeroFirstSeconds: zeroFirst,
      startSecond: StateFixture.second, unixSeconds: { 9_000 })
  }
}

extension Owners {
  static func restoring(
    _ aggregator: Aggregator, limits change: (inout OwnerLimits) -> Void = { _ in }
  ) -> Owners {
    var limits = OwnerLimits()
    change(&limits)
    return Owners(aggregator: aggregator, limits: limits, keySeed: StateFixture.key)
  }
}
