import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics

/// A limit as Weir's own metrics show it.
struct LimitRow {
  /// The name of its flag, with underscores, or of what it bounds where there is no flag.
  let name: String
  let limit: Int
  /// How much of it is used; nil if it bounds the size of one thing.
  let used: Int?
}

extension OwnMetrics {
  /// How much of the limits is used, and which names reached them.
  var limitFamilies: [OwnFamily] {
    let byName = LimitName.allCases.flatMap { limit in
      status.limits.tally.rows(limit).map { (limit: limit, name: $0.name, count: $0.count) }
    }
    func labels(_ limit: LimitName, _ name: [UInt8]) -> String {
      OwnFamily.labels([
        ("limit", "\(limit.label)"), ("name", String(decoding: name, as: UTF8.self)),
      ])
    }
    let rows = allLimitRows
    var families = [
      OwnFamily(
        "weir_limit", .gauge, "The value of each limit.",
        samples: rows.map { (OwnFamily.label("limit", $0.name), Double($0.limit)) }),
      OwnFamily(
        "weir_limit_used", .gauge,
        "How much of a limit is used: series_per_name by the name that has most, "
          + "push_totals_per_instance by the instance that has most, push_totals_per_forwarder by "
          + "the forwarder that has most. A place is reserved for the "
          + "overflow series of each name that may have one.",
        samples: rows.compactMap { row in
          row.used.map { (OwnFamily.label("limit", row.name), Double($0)) }
        }),
      OwnFamily(
        "weir_limit_refusals_total", .counter,
        "Samples refused because of a limit; several values packed in one line count as one. By name "
          + "for the first \(LimitTally.namesMax) names of a limit, the others with an empty name.",
        samples: byName.map { (labels($0.limit, $0.name), Double($0.count.refused)) }),
      OwnFamily(
        "weir_limit_overflows_total", .counter,
        "Samples counted in the overflow series of their name, counted like refusals.",
        samples: byName.filter(\.limit.isOnNumber).map {
          (labels($0.limit, $0.name), Double($0.count.overflowed))
        }),
    ]
    for index in families.indices where families[index].type == .counter {
      families[index].gainsRows = true
    }
    return families
  }

  /// The rows of `weir_limit` and `weir_limit_used`, in this order.
  var allLimitRows: [LimitRow] { limitRows + pushLimitRows + groupLimitRows }

  private var limitRows: [LimitRow] {
    var rows = LimitName.allCases.map { limit in
      LimitRow(
        name: "\(limit.label)", limit: status.limits.limits[limit],
        used: status.limits.used.first { $0.limit == limit }?.count)
    }
    rows += [
      LimitRow(
        name: "series_classes", limit: ClassID.countMax, used: status.limits.classes),
      LimitRow(
        name: "http_connections", limit: status.http.connectionsMax,
        used: status.http.connectionsOpen),
    ]
    if let places = status.places {
      rows.append(LimitRow(name: "tcp_connections", limit: places.limit, used: places.used))
    }
    return rows
  }

  private var pushLimitRows: [LimitRow] {
    let (limits, push) = (status.push.limits, status.push.totals)
    return [
      LimitRow(name: "push_instances", limit: limits.instancesMax, used: push.instances),
      LimitRow(name: "push_totals", limit: limits.totalsMax, used: push.totals),
      LimitRow(
        name: "push_totals_per_instance", limit: limits.totalsPerInstanceMax, used: push.fullest),
      LimitRow(
        name: "push_totals_per_forwarder", limit: limits.totalsPerForwarderMax,
        used: push.fullestForwarder),
    ]
  }
}
