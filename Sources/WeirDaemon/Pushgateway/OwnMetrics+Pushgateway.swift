import WeirExposition
import WeirGroups
import WeirMetrics

extension OwnMetrics {
  /// Requests for groups.
  var groupFamilies: [OwnFamily] {
    guard let groups = status.groups else { return [] }
    return [
      OwnFamily(
        "weir_pushgateway_requests_total", .counter,
        "Requests at /metrics/job/JOB: accepted, not readable (malformed), or not to be shown with "
          + "everything else (inconsistent).",
        samples: PushgatewayMeter.methods.flatMap { method in
          PushgatewayMeter.Result.allCases.map { result in
            (
              OwnFamily.labels([("method", method.lowercased()), ("result", result.rawValue)]),
              Double(groups.requests[.init(method: method, result: result)] ?? 0)
            )
          }
        })
    ]
  }

  var groupLimitRows: [LimitRow] {
    guard let groups = status.groups else { return [] }
    let (limits, totals) = (groups.limits, groups.totals)
    return [
      LimitRow(name: "pushgateway_groups", limit: limits.groupsMax, used: totals.groups),
      LimitRow(name: "pushgateway_series", limit: limits.seriesMax, used: totals.series),
      LimitRow(name: "pushgateway_bytes", limit: limits.bytesMax, used: totals.bytes),
    ]
  }
}

extension Status {
  /// Pushed groups.
  struct Groups: Sendable {
    var totals = GroupTotals()
    var limits = GroupLimits()
    var requests: [PushgatewayMeter.Key: Int] = [:]
  }
}
