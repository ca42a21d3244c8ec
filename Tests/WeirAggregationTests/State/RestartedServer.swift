import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// A server after a restart.
struct RestartedServer {
  let aggregator: Aggregator
  let owners: Owners
  let restored: StateRestored

  /// One shard of each, so that all instances share what there is.
  init(
    _ fixture: StateFixture, _ rules: SeriesRules = SeriesRules(),
    limits change: (inout OwnerLimits) -> Void = { _ in }
  ) {
    var limits = OwnerLimits()
    change(&limits)
    aggregator = Aggregator(
      rules: rules, shards: 1, startSecond: StateFixture.second, unixSeconds: { 9_000 })
    owners = Owners(
      aggregator: aggregator, limits: limits, shards: 1, keySeed: StateFixture.key,
      uptime: { 1_000_000 })
    let image = fixture.image
    #expect(image.damage == nil)
    restored = owners.restore(image)
  }

  var values: [MetricKind: [String: Double]] {
    owners.mergeGauges()
    return Contents(aggregator).values
  }

  func owner(_ number: UInt64) -> Owner? {
    owners.shards[0].state.withLock { state in state.owners.first { $0.id.number == number } }
  }

  func pass(_ seconds: ClosedRange<UInt32>) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
  }
}
