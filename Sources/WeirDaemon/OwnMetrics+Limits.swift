import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics

extension OwnMetrics {
  /// How near the limits are, and who met them.
  func limitFamilies(_ reading: LimitReading) -> [OwnFamily] {
    let byName = Limit.allCases.flatMap { limit in
      reading.tally.rows(limit).map { (limit: limit, name: $0.name, count: $0.count) }
    }
    func labels(_ limit: Limit, _ name: [UInt8]) -> String {
      OwnFamily.labels([
        ("limit", "\(limit.label)"), ("name", String(decoding: name, as: UTF8.self)),
      ])
    }
    let server = http.read()
    let connections = OwnFamily.label("limit", "http_connections")
    return [
      OwnFamily(
        "weir_limit", .gauge, "What each limit is set to.",
        samples: Limit.allCases.map {
          (OwnFamily.label("limit", "\($0.label)"), Double(reading.limits[$0]))
        } + [(connections, Double(server.connectionsMax))]),
      OwnFamily(
        "weir_limit_used", .gauge,
        "How much of a limit is taken. Each name has a place kept for its overflow series, if any.",
        samples: reading.used.map {
          (OwnFamily.label("limit", "\($0.limit.label)"), Double($0.count))
        } + [(connections, Double(server.connectionsOpen))]),
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
}
