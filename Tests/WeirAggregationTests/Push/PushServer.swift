import WeirMetrics

@testable import WeirAggregation

/// The part of a server that takes pushed frames, with clocks that a test moves.
final class PushServer: Sendable {
  let aggregator: Aggregator
  let owners: Owners

  /// - Parameter second: Seconds for which the server has run.
  init(
    _ aggregator: Aggregator = Aggregator(), atSecond second: UInt32 = 0,
    shards: Int = Owners.shardsDefault, limits change: (inout OwnerLimits) -> Void = { _ in }
  ) {
    self.aggregator = aggregator
    var limits = OwnerLimits()
    change(&limits)
    owners = Owners(aggregator: aggregator, limits: limits, shards: shards)
    if second > 0 { pass(second...second) }
  }

  /// Lets time pass, a second at a time.
  func pass(_ seconds: ClosedRange<UInt32>) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
  }

  /// What a scrape shows.
  var contents: Contents { Contents(aggregator) }

  func counter(_ series: String = "c_total") -> Double? { contents.values[.counter]?[series] }

  /// A gauge, after the owners that have ended were dealt with.
  func gauge(_ series: String = "g") -> Double? {
    owners.mergeGauges()
    return contents.values[.gauge]?[series]
  }
}
