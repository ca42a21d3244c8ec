import WeirAggregation
import WeirExposition
import WeirMetrics

extension OwnMetrics {
  /// How near the limits are, and who met them.
  func limitFamilies(_ reading: LimitReading, _ push: PushTotals) -> [OwnFamily] {
    let pushLimits = pushLimits(push)
    let byName = Limit.allCases.flatMap { limit in
      reading.tally.rows(limit).map { (limit: limit, name: $0.name, count: $0.count) }
    }
    func labels(_ limit: Limit, _ name: [UInt8]) -> String {
      OwnFamily.labels([
        ("limit", "\(limit.label)"), ("name", String(decoding: name, as: UTF8.self)),
      ])
    }
    return [
      OwnFamily(
        "weir_limit", .gauge, "What each limit is set to.",
        samples: Limit.allCases.map {
          (OwnFamily.label("limit", "\($0.label)"), Double(reading.limits[$0]))
        } + pushLimits.map { (OwnFamily.label("limit", $0.label), Double($0.limit)) }),
      OwnFamily(
        "weir_limit_used", .gauge,
        "How much of a limit is taken; of one on each instance, by the fullest. Each name has a place "
          + "kept for its overflow series, if any.",
        samples: reading.used.map {
          (OwnFamily.label("limit", "\($0.limit.label)"), Double($0.count))
        } + pushLimits.map { (OwnFamily.label("limit", $0.label), Double($0.used)) }),
      OwnFamily(
        "weir_limit_refusals_total", .counter,
        "Samples refused for a limit, each counted, values packed in one line as one. By name for "
          + "the first \(LimitTally.namesMax) names of a limit, the others under an empty one.",
        samples: byName.map { (labels($0.limit, $0.name), Double($0.count.refused)) }),
      OwnFamily(
        "weir_limit_overflows_total", .counter,
        "Samples that went to the overflow series of their name, counted like refusals.",
        samples: byName.filter(\.limit.isOnNumber).map {
          (labels($0.limit, $0.name), Double($0.count.overflowed))
        }),
    ]
  }

  /// The limits on what is pushed.
  private func pushLimits(_ push: PushTotals) -> [(label: String, limit: Int, used: Int)] {
    let limits = pushed.owners.limits
    return [
      ("push_instances", limits.instancesMax, push.instances),
      ("push_totals", limits.totalsMax, push.totals),
      ("push_totals_per_instance", limits.totalsPerInstanceMax, push.fullest),
    ]
  }
}
