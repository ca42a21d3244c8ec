import WeirBytes
import WeirMetrics

/// The `le="…"` of every bucket, rendered once for all histograms that share their bounds.
package struct BucketLabels: Sendable {
  /// With the closing brace and the space before the value, `+Inf` last.
  let endings: [[UInt8]]

  package init(_ bounds: HistogramBounds) {
    endings = (bounds.upper + [.infinity]).map { bound in
      var text = ByteWriter()
      text.append("le=\"")
      text.append(bound)
      text.append("\"} ")
      return text.bytes
    }
  }
}
