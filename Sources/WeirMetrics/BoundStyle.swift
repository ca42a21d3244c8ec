/// How a bound or quantile is written in a label of the text format.
package enum BoundStyle: String, CaseIterable, Sendable {
  /// As OpenMetrics and Prometheus 3 have it: `1.0`.
  case canonical
  /// As Go's client has it in the text format: `1`.
  case short
}
