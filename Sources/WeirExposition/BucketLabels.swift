import WeirBytes
import WeirMetrics

/// The `le="…"` of every bucket, rendered once for all histograms that share their bounds.
///
/// A bound is written as Prometheus writes it when it reads protobuf, so the label that is stored does
/// not depend on the format.
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

  /// Whether a bucket holds nothing but negative values. OpenMetrics allows such histograms no sum.
  var hasNegativeBound: Bool { upper.first.map { $0 < 0 } ?? false }
}
