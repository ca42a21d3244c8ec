import WeirExposition

extension OwnMetrics {
  /// What is pushed to CloudWatch; nothing where nothing is.
  var cloudWatchFamilies: [OwnFamily] {
    guard let pushed = status.cloudWatch else { return [] }
    return [
      OwnFamily(
        "weir_cloudwatch_pushes_total", .counter, "Requests that CloudWatch has taken.",
        Double(pushed.requests)),
      OwnFamily(
        "weir_cloudwatch_metrics_total", .counter, "Metrics in these requests.",
        Double(pushed.metrics)),
      OwnFamily(
        "weir_cloudwatch_errors_total", .counter,
        "Requests that had no success: the credentials are missing or not accepted (credentials), the "
          + "request can't be taken (refused), it was not taken now (unavailable), or there was no answer "
          + "(unreachable).",
        samples: CloudWatchMeter.Fault.allCases.map {
          (OwnFamily.label("reason", $0.rawValue), Double(pushed.faults[$0] ?? 0))
        }),
      OwnFamily(
        "weir_cloudwatch_uncertain_total", .counter,
        "Requests without an answer that may have arrived. They were sent again, so that CloudWatch may have "
          + "counted them twice.", Double(pushed.uncertain)),
      OwnFamily(
        "weir_cloudwatch_metrics_dropped_total", .counter,
        "Metrics that were not pushed because CloudWatch can't take them, in each round anew.",
        Double(pushed.metricsDropped)),
      OwnFamily(
        "weir_cloudwatch_metrics", .gauge,
        "Metrics that were pushed or would be, as of the last round. CloudWatch bills each.",
        Double(pushed.metricsInUse)),
      OwnFamily(
        "weir_cloudwatch_metrics_over_limit", .gauge,
        "Metrics that are not pushed because of --cloudwatch.max-metrics, as of the last round.",
        Double(pushed.metricsOverLimit)),
      OwnFamily(
        "weir_cloudwatch_failing", .gauge,
        "1 from a round that failed until CloudWatch has taken a whole round, else 0.",
        pushed.isFailing ? 1 : 0),
      OwnFamily(
        "weir_cloudwatch_last_success_timestamp_seconds", .gauge,
        "When CloudWatch last took a request; 0 if it never has.", pushed.lastSuccessSeconds),
    ]
  }
}
