import WeirAggregation
import WeirMetrics

extension Aggregator {
  /// An aggregator for a payload, which has few names and may have as many series as there can be
  /// in all.
  package static func forPayload() -> Aggregator {
    var limits = Limits()
    limits.seriesPerNameMax = limits.seriesMax
    return Aggregator(limits: limits)
  }
}
