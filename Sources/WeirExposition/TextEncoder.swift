import WeirBytes
import WeirMetrics

/// Writes Prometheus' text format, or OpenMetrics.
///
///     # HELP name text
///     # TYPE name counter
///     name{label="value"} 42
///
/// The encoder guarantees what must hold within a series: buckets are cumulative, and `_count` is
/// the `+Inf` bucket. This format has no native histograms.
///
/// OpenMetrics is stricter than Prometheus' format, and its readers refuse a whole page for one
/// invalid sample. There, counts are rounded down to whole numbers. A series that took negative
/// values shows neither sum nor count, because both must never fall, and readers accept only both
/// together.
struct TextEncoder: Sendable {
  private let dialect: TextDialect
  private let writesCreated: Bool
  private let bounds: BoundStyle
  private var output = ByteWriter()
  /// The part of a histogram's bucket lines that is the same for all buckets.
  private var bucketPrefix = ByteWriter()
  /// The family name of a counter for its `_created` line, which differs from the name of the
  /// series.
  private var stem: [UInt8]?

  private var isStrict: Bool { dialect == .openMetrics }

  init(_ dialect: TextDialect, writesCreated: Bool = false, bounds: BoundStyle = .canonical) {
    self.dialect = dialect
    self.bounds = bounds
    self.writesCreated = writesCreated
  }

  var byteCount: Int { output.bytes.count }

  mutating func take() -> [UInt8] {
    defer { output = ByteWriter() }
    return output.bytes
  }

  /// In OpenMetrics a counter's samples end in `_total` and its family's name does not. If that is
  /// not possible for a counter it has the type unknown, because its samples must keep their name.
  mutating func beginFamily(_ head: FamilyHead) {
    var (family, type) = (head.name, head.type)
    stem = nil
    if isStrict, type == .counter {
      if head.hasStem, let name = FamilyNames.stem(of: head.name).map(Array.init) {
        family = name
        stem = name
      } else {
        type = .unknown
      }
    }
    output.append("# HELP ")
    output.append(family)
    output.append(" ")
    appendHelp(head.help)
    output.append("\n# TYPE ")
    output.append(family)
    output.append(" ")
    output.append(!isStrict && type == .unknown ? "untyped" : type.word)
    output.append("\n")
    // For a counter that keeps its `_total` the unit would not be at the end.
    guard isStrict, let unit = head.unit, FamilyHead.isUnit(unit, of: family) else { return }
    output.append("# UNIT ")
    output.append(family)
    output.append(" ")
    output.append(unit)
    output.append("\n")
  }

  mutating func finish() {
    if isStrict { output.append("# EOF\n") }
  }

  mutating func sample(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ value: Double,
    startUnixSeconds start: UInt32?, exemplar: Exemplar?
  ) {
    if SpelledName.isQuoted(series) {
      let name = series.extracting(0..<nameLength)
      appendSeries(name, "", series.extracting(nameLength..<series.count))
    } else {
      output.append(series)
    }
    output.append(UInt8(ascii: " "))
    output.append(value)
    // OpenMetrics allows exemplars for counters, but not for other types with a single sample.
    if stem != nil { append(exemplar) }
    output.append(UInt8(ascii: "\n"))
    if writesCreated, let stem, let start {
      line(stem.span, "_created", series.extracting(nameLength..<series.count), Double(start))
    }
  }

  mutating func histogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: HistogramReading,
    labels: BucketLabels
  ) {
    precondition(reading.buckets.count == labels.endings.count)
    let hasLabels = series.count > nameLength
    let name = series.extracting(0..<nameLength)
    bucketPrefix.removeAll()
    if SpelledName.isQuoted(series) {
      bucketPrefix.append("{")
      bucketPrefix.append(series.extracting(0..<nameLength - 1))
      bucketPrefix.append("_bucket\",")
    } else {
      bucketPrefix.append(name)
      bucketPrefix.append("_bucket{")
    }
    if hasLabels {
      bucketPrefix.append(series.extracting(nameLength + 1..<series.count - 1))
      bucketPrefix.append(UInt8(ascii: ","))
    }
    var cumulative = 0.0
    for (index, bucket) in reading.buckets.enumerated() {
      cumulative = reading.cumulative(cumulative, bucket)
      output.append(bucketPrefix.bytes)
      output.append(labels.endings[index])
      output.append(counted(cumulative))
      if isStrict, !reading.exemplars.isEmpty { append(reading.exemplars[index]) }
      output.append(UInt8(ascii: "\n"))
    }
    let labelSet = series.extracting(nameLength..<series.count)
    if !isStrict || !reading.tookNegative && !labels.hasNegativeBound {
      line(name, "_sum", labelSet, reading.sum)
      line(name, "_count", labelSet, counted(cumulative))
    }
    created(name, labelSet, reading.startUnixSeconds)
  }

  mutating func summary(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: SummaryReading
  ) {
    let name = series.extracting(0..<nameLength)
    let labelSet = series.extracting(nameLength..<series.count)
    let isQuoted = SpelledName.isQuoted(series)
    for (quantile, value) in reading.quantiles {
      // In OpenMetrics no quantile may be negative either.
      if isStrict && value < 0 { continue }
      if isQuoted { output.append(UInt8(ascii: "{")) }
      output.append(name)
      output.append(UInt8(ascii: isQuoted ? "," : "{"))
      if series.count > nameLength {
        output.append(series.extracting(nameLength + 1..<series.count - 1))
        output.append(UInt8(ascii: ","))
      }
      output.append("quantile=\"")
      output.appendBound(quantile, bounds)
      output.append("\"} ")
      output.append(value)
      output.append(UInt8(ascii: "\n"))
    }
    if !isStrict || !reading.tookNegative {
      line(name, "_sum", labelSet, reading.sum)
      line(name, "_count", labelSet, counted(reading.count))
    }
    created(name, labelSet, reading.startUnixSeconds)
  }

  /// A count as the dialect writes it. Each partial sum of counts is rounded down separately, so
  /// that none falls, neither from bucket to bucket nor over time.
  private func counted(_ count: Double) -> Double { isStrict ? count.rounded(.down) : count }

  private mutating func created(
    _ name: borrowing Span<UInt8>, _ labels: borrowing Span<UInt8>, _ start: UInt32?
  ) {
    if writesCreated, let start { line(name, "_created", labels, Double(start)) }
  }

  /// ` # {labels} value time`, which follows a sample's value.
  private mutating func append(_ exemplar: Exemplar?) {
    guard let exemplar else { return }
    output.append(" # ")
    output.append(exemplar.labels)
    output.append(UInt8(ascii: " "))
    output.append(exemplar.value)
    if let time = exemplar.unixSeconds {
      output.append(UInt8(ascii: " "))
      output.append(time)
    }
  }

  /// Help has two escapes, `\\` and `\n`. OpenMetrics has a third one, for the quote.
  private mutating func appendHelp(_ help: String) {
    for byte in help.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): output.append("\\\\")
      case 0x0A: output.append("\\n")
      case UInt8(ascii: "\"") where isStrict: output.append("\\\"")
      default: output.append(byte)
      }
    }
  }

  private mutating func line(
    _ name: borrowing Span<UInt8>, _ suffix: StaticString, _ labels: borrowing Span<UInt8>,
    _ value: Double
  ) {
    appendSeries(name, suffix, labels)
    output.append(UInt8(ascii: " "))
    output.append(value)
    output.append(UInt8(ascii: "\n"))
  }

  /// `name_suffix{labels}`, or `{"name_suffix",labels}` if the name is in quotes.
  private mutating func appendSeries(
    _ name: borrowing Span<UInt8>, _ suffix: StaticString, _ labels: borrowing Span<UInt8>
  ) {
    guard SpelledName.isQuoted(name) else {
      output.append(name)
      output.append(suffix)
      output.append(labels)
      return
    }
    output.append(UInt8(ascii: "{"))
    output.append(name.extracting(0..<name.count - 1))
    output.append(suffix)
    output.append(UInt8(ascii: "\""))
    if labels.count > 0 {
      output.append(UInt8(ascii: ","))
      output.append(labels.extracting(1..<labels.count))
    } else {
      output.append(UInt8(ascii: "}"))
    }
  }
}
