import WeirExposition

extension OwnMetrics {
  /// What was received at `/api/v1/statsd`.
  var postedFamilies: [OwnFamily] {
    let posted = status.posted
    return [
      OwnFamily(
        "weir_statsd_http_requests_total", .counter,
        "Requests with lines of text at /api/v1/statsd.", Double(posted.requests)),
      OwnFamily(
        "weir_statsd_http_bytes_total", .counter,
        "Bytes of the lines of text at /api/v1/statsd, unpacked.", Double(posted.bytes)),
      OwnFamily(
        "weir_statsd_http_lines_total", .counter,
        "Lines at /api/v1/statsd, including refused ones; they are in weir_lines_total, too.",
        Double(posted.lines)),
    ]
  }
}
