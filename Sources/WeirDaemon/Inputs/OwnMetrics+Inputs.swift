import WeirExposition
import WeirSockets

extension OwnMetrics {
  /// What connections of TCP and Unix stream listeners did; empty without such a listener.
  var streamFamilies: [OwnFamily] {
    let listeners = status.ingest.compactMap { listener in
      listener.connections.map { (name: listener.name.description, totals: $0) }
    }
    if listeners.isEmpty { return [] }
    func rows(_ value: (StreamTotals) -> Int) -> [(labels: String, value: Double)] {
      listeners.map { (OwnFamily.label("listener", $0.name), Double(value($0.totals))) }
    }
    func rows(
      _ reasons: [String], _ values: (StreamTotals) -> [Int]
    ) -> [(labels: String, value: Double)] {
      listeners.flatMap { listener in
        zip(reasons, values(listener.totals)).map { reason, value in
          (OwnFamily.labels([("listener", listener.name), ("reason", reason)]), Double(value))
        }
      }
    }
    return [
      OwnFamily(
        "weir_stream_connections", .gauge, "Connections open, of TCP and Unix stream listeners.",
        samples: rows(\.open)),
      OwnFamily(
        "weir_stream_connections_total", .counter,
        "Connections accepted, including those that were refused then.", samples: rows(\.accepted)),
      OwnFamily(
        "weir_stream_connections_refused_total", .counter,
        "Connections closed at once: at the limit on connections (limit), from a network that is not "
          + "allowed (source), or because few files may be open (descriptors).",
        samples: rows(StreamRefusal.allCases.map(\.rawValue), \.refused)),
      OwnFamily(
        "weir_stream_connections_ended_total", .counter,
        "Connections that ended: closed by the sender (sender), idle for too long (idle), after a line "
          + "or payload that was too long (too_long), broken (failed), or because Weir stops (stop).",
        samples: rows(StreamEnd.allCases.map(\.rawValue), \.ended)),
      OwnFamily(
        "weir_stream_unfinished_total", .counter,
        "Lines and payloads of which only a part had come when their connection ended. They are not "
          + "read.",
        samples: rows(\.unfinished)),
    ]
  }
}
