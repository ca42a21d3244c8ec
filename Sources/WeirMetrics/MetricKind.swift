/// What a metric is to Prometheus. A name has one kind, for good.
package enum MetricKind: UInt8, Sendable, CaseIterable {
  /// A total that only grows.
  case counter
  /// A value that goes up and down.
  case gauge
  /// Observations counted by bucket.
  case histogram
  /// The number of distinct members seen; exposed as a gauge.
  case set

  /// The word for it in Weir's own metrics and log.
  package var label: StaticString {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    case .set: "set"
    }
  }
}
