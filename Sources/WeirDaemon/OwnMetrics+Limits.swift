import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics

/// One limit as Weir's own metrics show it.
struct LimitRow {
  /// That of its flag, with underscores.
  let name: String
  let limit: Int
  /// How much of it is taken; nil where it bounds what one thing may be like.
  let used: Int?
}

extension OwnMetrics {
  /// How near the limits are, and who met them.
  func limitFamilies(_ reading: LimitReading, _ push: PushTotals) -> [OwnFamily] {
    let byName = Limit.allCases.flatMap { limit in
      reading.tally.rows(limit).map { (limit: limit, name: $0.name, count: $0.count) }
    }
    func labels(_ limit: Limit, _ name: [UInt8]) -> String {
      OwnFamily.labels([
        ("limit", "\(limit.label)"), ("name", String(decoding: name, as: UTF8.self)),
      ])
    }
    let rows = limitRows(reading) + limitRows(push)
    var families = [
      OwnFamily(
        "weir_limit", .gauge, "What each limit is set to.",
        samples: rows.map { (OwnFamily.label("limit", $0.name), Double($0.limit)) }),
      OwnFamily(
        "weir_limit_used", .gauge,
        "How much of a limit is taken, for series_per_name by the name that has most, and for "
          + "push_totals_per_instance by the instance that has most. Each name has a place kept for its "
          + "overflow series, if any.",
        samples: rows.compactMap { row in
          row.used.map { (OwnFamily.label("limit", row.name), Double($0)) }
        }),
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
    for index in families.indices where families[index].type == .counter {
      families[index].gainsRows = true
    }
    return families
  }

  /// What `weir_limit` and `weir_limit_used` show, in this order.
  private func limitRows(_ reading: LimitReading) -> [LimitRow] {
    let server = http.read()
    return Limit.allCases.map { limit in
      LimitRow(
        name: "\(limit.label)", limit: reading.limits[limit],
        used: reading.used.first { $0.limit == limit }?.count)
    } + [
      LimitRow(
        name: "http_connections", limit: server.connectionsMax, used: server.connectionsOpen)
    ]
  }

  /// Those of what is pushed.
  private func limitRows(_ push: PushTotals) -> [LimitRow] {
    let limits = pushed.owners.limits
    return [
      LimitRow(name: "push_instances", limit: limits.instancesMax, used: push.instances),
      LimitRow(name: "push_totals", limit: limits.totalsMax, used: push.totals),
      LimitRow(
        name: "push_totals_per_instance", limit: limits.totalsPerInstanceMax, used: push.fullest),
    ]
  }
}
