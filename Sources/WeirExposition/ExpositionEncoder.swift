import WeirMetrics

/// Writes a scrape in the requested format.
///
/// Families are written completely, in the order of their names. The output can be taken at any
/// time, so that the whole page is never in memory.
package struct ExpositionEncoder: Sendable {
  /// Only one of the two is used. Both are stored, because an encoder inside an enumeration could
  /// not be changed without a copy.
  private var text: TextEncoder
  private var protobuf = ProtobufEncoder()
  private let isText: Bool
  /// Whether the format can show exemplars.
  private let hasExemplars: Bool
  /// Whether the format names counter families without `_total`.
  package let usesStems: Bool
  /// nil if all names stay as they are.
  private var renaming: Renaming?

  /// - Parameters:
  ///   - escaping: How names are escaped; nil if all names stay as they are.
  ///   - isTaken: Whether the page has a family with this exact name, or with a sample of this
  ///     name.
  ///   - writesCreated: Whether OpenMetrics shows `_created`, the time at which a series was first
  ///     seen; protobuf always shows it, in a separate field.
  ///   - bounds: How quantiles are written in the text format; bounds of histograms come as texts.
  package init(
    _ format: ExpositionFormat, escaping: NameEscaping? = nil,
    isTaken: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }, writesCreated: Bool = false,
    bounds: BoundStyle = .canonical
  ) {
    renaming = escaping.map { Renaming($0, isTaken: isTaken) }
    isText = format != .protobuf
    hasExemplars = format != .text && format != .text1
    usesStems = format == .openMetrics0 || format == .openMetrics1
    switch format {
    case .text, .text1, .protobuf: text = TextEncoder(.prometheus, bounds: bounds)
    case .openMetrics0, .openMetrics1:
      text = TextEncoder(.openMetrics, writesCreated: writesCreated)
    }
  }

  /// How many bytes have been written and not yet taken.
  package var byteCount: Int { isText ? text.byteCount : protobuf.byteCount }

  /// Series left out, because their names would have been those of others.
  package var hiddenSeries: Int { renaming?.hidden ?? 0 }

  /// Returns the output so far, and removes it.
  package mutating func take() -> [UInt8] { isText ? text.take() : protobuf.take() }

  /// Begins a family; the previous one has ended.
  package mutating func beginFamily(_ family: FamilyHead) {
    guard let family = renaming == nil ? family : renaming?.begin(family) else { return }
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
    let exemplar = exemplar.flatMap(shown)
    guard renaming == nil else {
      guard let (bytes, length) = renaming?.series(series, nameLength: nameLength) else { return }
      return writeSample(bytes.span, nameLength: length, value, start, exemplar)
    }
    writeSample(series, nameLength: nameLength, value, start, exemplar)
  }

  private mutating func writeSample(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ value: Double, _ start: UInt32?,
    _ exemplar: Exemplar?
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
  /// - Parameter labels: The labels of its buckets, as many as the reading has.
  package mutating func histogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: HistogramReading,
    labels: BucketLabels
  ) {
    var reading = reading
    if !reading.exemplars.isEmpty { reading.exemplars = reading.exemplars.compactMapValues(shown) }
    guard renaming == nil else {
      guard let (bytes, length) = renaming?.series(series, nameLength: nameLength) else { return }
      return writeHistogram(bytes.span, nameLength: length, reading, labels)
    }
    writeHistogram(series, nameLength: nameLength, reading, labels)
  }

  private mutating func writeHistogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: HistogramReading,
    _ labels: BucketLabels
  ) {
    if isText {
      text.histogram(series, nameLength: nameLength, reading, labels: labels)
    } else {
      protobuf.histogram(series, nameLength: nameLength, reading, labels: labels)
    }
  }

  /// An exemplar as this page can show it; nil if it can't.
  private func shown(_ exemplar: Exemplar) -> Exemplar? {
    guard hasExemplars else { return nil }
    let renamed = renaming.map { $0.exemplar(exemplar) } ?? exemplar
    return renamed.flatMap { $0.isReadable(inText: isText) ? $0 : nil }
  }

  /// Writes a summary.
  package mutating func summary(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: SummaryReading
  ) {
    guard renaming == nil else {
      guard let (bytes, length) = renaming?.series(series, nameLength: nameLength) else { return }
      return writeSummary(bytes.span, nameLength: length, reading)
    }
    writeSummary(series, nameLength: nameLength, reading)
  }

  private mutating func writeSummary(
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
