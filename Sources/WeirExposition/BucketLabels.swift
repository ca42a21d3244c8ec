import WeirBytes
import WeirMetrics

/// The `le="…"` of every bucket, rendered once for all histograms with the same bounds.
///
/// A bound in its canonical style is written as Prometheus writes it when it reads protobuf, so that the stored
/// label does not depend on the format.
package struct BucketLabels: Sendable {
  /// With the closing brace and the space before the value, `+Inf` last.
  let endings: [[UInt8]]
  /// The bounds as protobuf shows them, as numbers without `+Inf`.
  let upper: [Double]

  package init(_ bounds: HistogramBounds, _ style: BoundStyle = .canonical) {
    upper = bounds.upper
    endings = (bounds.upper + [.infinity]).map { bound in
      var text = ByteWriter()
      text.append("le=\"")
      text.appendBound(bound, style)
      text.append("\"} ")
      return text.bytes
    }
  }

  /// The bound of each bucket as a scrape in text shows it, `+Inf` last.
  package var bounds: [String] {
    // Between `le="` and `"} `.
    endings.map { String(decoding: $0.dropFirst(4).dropLast(3), as: UTF8.self) }
  }

  /// Whether a bucket holds only negative values. OpenMetrics does not allow a sum for such
  /// histograms.
  var hasNegativeBound: Bool { upper.first.map { $0 < 0 } ?? false }
}
