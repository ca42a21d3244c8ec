/// Writes a scrape in whichever format was asked for.
///
/// Families come whole and in the order of their names, and what has been written can be taken at any
/// time, so that a page never has to be in memory as a whole.
package struct ExpositionEncoder: Sendable {
  /// One of the two is used. Both are there, for one inside an enumeration could not be changed without
  /// being copied.
  private var text: TextEncoder
  private var protobuf = ProtobufEncoder()
  private let isText: Bool

  /// - Parameter writesCreated: Whether OpenMetrics says by `_created` when a series was first seen;
  ///   protobuf does so anyway, in a field of its own.
  package init(_ format: ExpositionFormat, writesCreated: Bool = false) {
    isText = format != .protobuf
    switch format {
    case .text, .text1, .protobuf: text = TextEncoder(.prometheus)
    case .openMetrics0, .openMetrics1:
      text = TextEncoder(.openMetrics, writesCreated: writesCreated)
    }
  }

  /// How many bytes have been written and not yet taken.
  package var byteCount: Int { isText ? text.byteCount : protobuf.byteCount }

  /// Hands over what has been written.
  package mutating func take() -> [UInt8] { isText ? text.take() : protobuf.take() }

  /// Begins a family; the one before has ended.
  package mutating func beginFamily(_ family: FamilyHead) {
    if isText { text.beginFamily(family) } else { protobuf.beginFamily(family) }
  }

  /// Writes the value of a counter or a gauge.
  ///
  /// - Parameters:
  ///   - series: `name` or `name{labels}`.
  ///   - nameLength: How much of it is the name.
  package mutating func sample(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ value: Double,
    startUnixSeconds start: UInt32? = nil, exemplar: Exemplar? = nil
  ) {
    if isText {
      text.sample(
        series, nameLength: nameLength, value, startUnixSeconds: start, exemplar: exemplar)
    } else {
      protobuf.sample(
        series, nameLength: nameLength, value, startUnixSeconds: start, exemplar: exemplar)
    }
  }

  /// Writes a histogram.
  ///
  /// - Parameter labels: Of its buckets, as many as the reading has.
  package mutating func histogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: HistogramReading,
    labels: BucketLabels
  ) {
    if isText {
      text.histogram(series, nameLength: nameLength, reading, labels: labels)
    } else {
      protobuf.histogram(series, nameLength: nameLength, reading, labels: labels)
    }
  }

  /// Writes a summary.
  package mutating func summary(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: SummaryReading
  ) {
    if isText {
      text.summary(series, nameLength: nameLength, reading)
    } else {
      protobuf.summary(series, nameLength: nameLength, reading)
    }
  }

  /// Ends a family.
  package mutating func endFamily() {
    if !isText { protobuf.endFamily() }
  }

  /// Ends the page.
  package mutating func finish() {
    if isText { text.finish() }
  }
}
