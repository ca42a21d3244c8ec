import WeirBytes
import WeirMetrics

/// Reads the bodies that clients push to groups.
package enum PushedBody {
  /// The formats of a body.
  package enum Format: Sendable {
    /// Prometheus' text format 0.0.4.
    case text
    /// `io.prometheus.client.MetricFamily` messages, each after its length.
    case protobuf
  }

  /// The families of a body.
  ///
  /// - Parameters:
  ///   - labels: What all series get.
  /// - Throws: Why nothing of it is taken.
  /// - Complexity: O(bytes), and O(n log n) for n buckets of a histogram.
  package static func read(
    _ bytes: [UInt8], _ format: Format, labels: PushedLabels, limits: PushedBodyLimits
  ) throws(PushedBodyMistake) -> [PushedFamily] {
    switch format {
    case .text:
      var reader = TextBodyReader(bytes, labels, limits)
      return try reader.read()
    case .protobuf:
      var reader = ProtobufBodyReader(labels, limits)
      return try reader.read(bytes.span)
    }
  }

  /// Whether a metric may have this name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
  static func isName(_ name: some Collection<UInt8>) -> Bool {
    SpelledName.isClassic(name, colons: true)
  }

  /// The names of the samples of histograms and summaries.
  enum Suffix: CaseIterable {
    case bucket, sum, count

    var text: [UInt8] {
      switch self {
      case .bucket: Array("_bucket".utf8)
      case .sum: Array("_sum".utf8)
      case .count: Array("_count".utf8)
      }
    }
  }

  static let bound = Array("le".utf8)
  static let quantile = Array("quantile".utf8)
}
