import WeirBytes
import WeirMetrics

/// Writes the Prometheus text format, version 0.0.4.
///
///     # HELP name text
///     # TYPE name counter
///     name{label="value"} 42
///
/// The caller brings families sorted and whole; the encoder keeps what holds within a series:
/// buckets are cumulative, and `_count` is the `+Inf` bucket.
package struct TextEncoder: Sendable {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private var output: ByteWriter
  /// The part of a histogram's bucket lines that its buckets share.
  private var bucketPrefix = ByteWriter()

  package init(capacity: Int = 0) {
    output = ByteWriter(capacity: capacity)
  }

  /// What has been written.
  package var bytes: [UInt8] { output.bytes }

  /// Begins a family.
  package mutating func beginFamily(_ name: [UInt8], help: String, type: ExposedType) {
    output.append("# HELP ")
    output.append(name)
    output.append(" ")
    appendHelp(help)
    output.append("\n# TYPE ")
    output.append(name)
    output.append(" ")
    output.append(type.word)
    output.append("\n")
  }

  /// Writes one sample: `name{labels} value`.
  package mutating func sample(_ series: borrowing Span<UInt8>, _ value: Double) {
    output.append(series)
    output.append(UInt8(ascii: " "))
    output.append(value)
    output.append(UInt8(ascii: "\n"))
  }

  /// Writes the buckets, sum and count of one histogram.
  ///
  /// - Parameters:
  ///   - series: `name` or `name{labels}`.
  ///   - nameLength: How much of it is the name.
  ///   - buckets: What fell in each bucket alone, `+Inf` last; as many as `labels` has.
  package mutating func histogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, buckets: ArraySlice<Double>, sum: Double,
    labels: BucketLabels
  ) {
    precondition(buckets.count == labels.endings.count)
    let hasLabels = series.count > nameLength
    let name = series.extracting(0..<nameLength)
    bucketPrefix.removeAll()
    bucketPrefix.append(name)
    bucketPrefix.append("_bucket{")
    if hasLabels {
      bucketPrefix.append(series.extracting(nameLength + 1..<series.count - 1))
      bucketPrefix.append(UInt8(ascii: ","))
    }
    var cumulative = 0.0
    for (bucket, ending) in zip(buckets, labels.endings) {
      // Two buckets that are full would make an infinity.
      cumulative = CompensatedSum.clamped(cumulative + bucket)
      output.append(bucketPrefix.bytes)
      output.append(ending)
      output.append(cumulative)
      output.append(UInt8(ascii: "\n"))
    }
    let labelSet = series.extracting(nameLength..<series.count)
    line(name, "_sum", labelSet, sum)
    line(name, "_count", labelSet, cumulative)
  }

  /// Help has two escapes, `\\` and `\n`; a quote is none.
  private mutating func appendHelp(_ help: String) {
    for byte in help.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): output.append("\\\\")
      case 0x0A: output.append("\\n")
      default: output.append(byte)
      }
    }
  }

  private mutating func line(
    _ name: borrowing Span<UInt8>, _ suffix: StaticString, _ labels: borrowing Span<UInt8>,
    _ value: Double
  ) {
    output.append(name)
    output.append(suffix)
    output.append(labels)
    output.append(UInt8(ascii: " "))
    output.append(value)
    output.append(UInt8(ascii: "\n"))
  }
}
