import WeirBytes
import WeirMetrics

/// The `le="…"` of every bucket, rendered once for all histograms that share their bounds.
///
/// A whole number has its `.0`, as OpenMetrics wants it and Prometheus makes it of protobuf: so the
/// label that is stored does not depend on the format.
package struct BucketLabels: Sendable {
  /// With the closing brace and the space before the value, `+Inf` last.
  let endings: [[UInt8]]
  /// The bounds that protobuf has as numbers, without `+Inf`.
  let upper: [Double]

  package init(_ bounds: HistogramBounds) {
    upper = bounds.upper
    endings = (bounds.upper + [.infinity]).map { bound in
      var text = ByteWriter()
      text.append("le=\"")
      text.appendBound(bound)
      text.append("\"} ")
      return text.bytes
    }
  }
}

extension ByteWriter {
  /// Appends the value of a `le` or `quantile` label.
  mutating func appendBound(_ bound: Double) {
    append(bound)
    if bound.isFinite, bound == bound.rounded() { append(".0") }
  }
}
