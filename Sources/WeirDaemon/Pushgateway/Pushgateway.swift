import WeirAggregation
import WeirConfiguration
import WeirGroups
import WeirMetrics

/// Groups that are pushed in the way of the Pushgateway, and what was counted of their requests.
struct Pushgateway: Sendable {
  /// Why nothing may be pushed, for every request.
  struct Refusal: Sendable {
    let status: Int
    let sentence: String
  }

  let groups: PushedGroups
  let meter = PushgatewayMeter()
  /// Nil if pushes are taken.
  let refusal: Refusal?

  init(_ options: Options, aggregator: Aggregator) {
    groups = PushedGroups(
      limits: options.pushgateway.limits,
      names: { aggregator.exchangeGroupNames(released: $0, taken: $1) },
      seconds: { Log.wallSeconds() })
    refusal = Pushgateway.refusal(options)
  }

  private static func refusal(_ options: Options) -> Refusal? {
    if !options.pushgateway.isEnabled {
      return Refusal(
        status: 403,
        sentence:
          "this Weir takes no groups; start it without --no-pushgateway.pushes to allow them")
    }
    if options.forward.target != nil {
      return Refusal(
        status: 409,
        sentence:
          "this Weir forwards what it counts, and groups can't be forwarded; push to the Weir "
          + "that it forwards to")
    }
    if options.cluster.isEnabled {
      return Refusal(
        status: 409,
        sentence:
          "this Weir is a node of a cluster, whose log takes no groups; push to a Weir of its own")
    }
    return nil
  }

  /// Takes in the groups of a state file.
  ///
  /// - Returns: How many came back, and how many did not.
  func restore(_ payloads: [[UInt8]], limits: SeriesLimits) -> (restored: Int, lost: Int) {
    guard refusal == nil else { return (0, payloads.count) }
    let restored = payloads.count { groups.restore($0, limits: limits) }
    return (restored, payloads.count - restored)
  }
}

extension Aggregator {
  /// Keeps the names of the two times of each group for them.
  func reserveGroupTimes() {
    for name in PushedGroups.timeNames { reserve(name, kind: .gauge) }
  }
}
