import WeirBytes
import WeirMetrics

/// Writes Prometheus' text format, or OpenMetrics.
///
///     # HELP name text
///     # TYPE name counter
///     name{label="value"} 42
///
/// The caller brings families sorted and whole; the encoder keeps what holds within a series:
/// buckets are cumulative, and `_count` is the `+Inf` bucket.
package struct TextEncoder: Sendable {
  private let dialect: TextDialect
  private var output: ByteWriter
  /// The part of a histogram's bucket lines that its buckets share.
  private var bucketPrefix = ByteWriter()

  package init(_ dialect: TextDialect = .prometheus, capacity: Int = 0) {
    self.dialect = dialect
    output = ByteWriter(capacity: capacity)
  }

  /// What has been written and not yet taken.
  package var bytes: [UInt8] { output.bytes }

  /// How many bytes that is.
  package var byteCount: Int { output.bytes.count }

  /// Hands over what has been written.
  package mutating func take() -> [UInt8] {
    defer { output = ByteWriter() }
    return output.bytes
  }

  /// Begins a family.
  ///
  /// In OpenMetrics a counter's samples end in `_total` and its family's name does not. A counter
  /// that can't have it so is of unknown type there, for its samples must keep their name.
  ///
  /// - Parameter hasStem: Whether the name of a counter without its `_total` is nobody else's.
  package mutating func beginFamily(
    _ name: [UInt8], help: String, type: ExposedType, hasStem: Bool = true
  ) {
    var (family, type) = (name[...], type)
    if dialect == .openMetrics, type == .counter {
      if hasStem, let stem = CounterName.stem(of: name) { family = stem } else { type = .unknown }
    }
    output.append("# HELP ")
    output.append(Array(family))
    output.append(" ")
    appendHelp(help)
    output.append("\n# TYPE ")
    output.append(Array(family))
    output.append(" ")
    output.append(type.word)
    output.append("\n")
  }

  /// Ends the page.
  package mutating func finish() {
    if dialect == .openMetrics { output.append("# EOF\n") }
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

  /// Help has two escapes, `\\` and `\n`, and in OpenMetrics a third, for the quote.
  private mutating func appendHelp(_ help: String) {
    for byte in help.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): output.append("\\\\")
      case 0x0A: output.append("\\n")
      case UInt8(ascii: "\"") where dialect == .openMetrics: output.append("\\\"")
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
