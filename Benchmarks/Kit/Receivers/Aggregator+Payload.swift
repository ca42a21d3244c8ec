import WeirAggregation
import WeirMetrics

extension Aggregator {
  /// An aggregator for a payload, which has few names: one may have as many series as all together.
  package static func forPayload() -> Aggregator {
    var limits = SeriesLimits()
    limits.seriesPerNameMax = limits.seriesMax
    return Aggregator(limits: limits)
  }
}
