import WeirBytes
import WeirMetrics

/// Writes `io.prometheus.client.MetricFamily` messages, each preceded by its length.
///
/// A message's length comes before it. So a family with many series is written as several families
/// of the same name: Prometheus stores the same, and at most some tens of KiB wait for the end of a
/// message.
struct ProtobufEncoder: Sendable {
  /// When a family's metrics have this many bytes, the message ends.
  private static let familyBytes = 32 << 10

  private var output = ByteWriter()
  /// Name, help and type of the current family, encoded.
  private var head = ProtobufWriter()
  private var type = ExposedType.unknown
  /// The family's metrics that are not in a message yet.
  private var metrics = ProtobufWriter()
  /// The labels and the value of the current metric; stored to reuse their memory.
  private var labels = ProtobufWriter()
  private var value = ProtobufWriter()
  private var part = ProtobufWriter()
  private var text: [UInt8] = []

  var byteCount: Int { output.bytes.count }

  mutating func take() -> [UInt8] {
    defer { output = ByteWriter() }
    return output.bytes
  }

  mutating func beginFamily(_ family: FamilyHead) {
    head.removeAll()
    head.field(1, bytes: SpelledName.raw(family.name))
    head.field(2, bytes: Array(family.help.utf8))
    head.field(3, varint: family.type.protobufNumber)
    if let unit = family.unit { head.field(5, bytes: Array(unit.utf8)) }
    type = family.type
  }

  mutating func endFamily() {
    guard metrics.count > 0 else { return }
    var length = ProtobufWriter()
    length.varint(UInt64(head.count + metrics.count))
    output.append(length.bytes)
    output.append(head.bytes)
    output.append(metrics.bytes)
    metrics.removeAll()
  }

  mutating func sample(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ value: Double,
    startUnixSeconds start: UInt32?, exemplar: Exemplar?
  ) {
    self.value.removeAll()
    self.value.field(1, double: value)
    if type == .counter {
      if let exemplar { self.value.field(2, bytes: message(exemplar)) }
      append(start, field: 3)
    }
    metric(series, nameLength)
  }

  mutating func histogram(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: HistogramReading,
    labels: BucketLabels
  ) {
    value.removeAll()
    var cumulative = 0.0
    var isWhole = true
    // Prometheus adds the bucket `+Inf` itself, but not its exemplar.
    let last = reading.buckets.count - 1
    for (index, bucket) in reading.buckets.enumerated() {
      cumulative = reading.cumulative(cumulative, bucket)
      isWhole = isWhole && cumulative <= 0x1p53 && cumulative == cumulative.rounded()
      let exemplar = reading.exemplars.isEmpty ? nil : reading.exemplars[index]
      if index == last && (exemplar == nil || labels.upper.isEmpty) { continue }
      part.removeAll()
      part.field(1, varint: ProtobufEncoder.whole(cumulative))
      part.field(2, double: index == last ? .infinity : labels.upper[index])
      if let exemplar { part.field(3, bytes: message(exemplar)) }
      if !isWhole { part.field(4, double: cumulative) }
      value.field(3, bytes: part.bytes)
    }
    // The native buckets may add up to another count: fractions may have been added in another order,
    // and the totals of a faulty client may have fallen. Prometheus refuses whole counts that do not
    // add up to the count of all, and fractions that add up to more.
    var count = cumulative
    if let native = reading.native {
      isWhole = isWhole && native.isWhole && native.count == cumulative
      if !isWhole { count = ProtobufEncoder.roundedUp(max(cumulative, native.countAsRead)) }
    }
    value.field(1, varint: ProtobufEncoder.whole(count))
    value.field(2, double: reading.sum)
    // A value above 0 replaces the whole number, and says that all counts of a native histogram are
    // fractions.
    if !isWhole { value.field(4, double: count) }
    if let native = reading.native { append(native, isWhole: isWhole) }
    append(reading.startUnixSeconds, field: 15)
    if reading.native != nil { append(nativeExemplars: reading.exemplars) }
    metric(series, nameLength)
  }

  mutating func summary(
    _ series: borrowing Span<UInt8>, nameLength: Int, _ reading: SummaryReading
  ) {
    value.removeAll()
    value.field(1, varint: ProtobufEncoder.whole(reading.count))
    value.field(2, double: reading.sum)
    for (quantile, estimate) in reading.quantiles {
      part.removeAll()
      part.field(1, double: quantile)
      part.field(2, double: estimate)
      value.field(3, bytes: part.bytes)
    }
    append(reading.startUnixSeconds, field: 4)
    metric(series, nameLength)
  }

  private mutating func append(_ native: NativeHistogram, isWhole: Bool) {
    value.field(5, zigzag: Int64(native.schema.number))
    value.field(6, double: native.zeroThreshold)
    if isWhole {
      value.field(7, varint: ProtobufEncoder.whole(native.zeroCount))
    } else {
      value.field(8, double: native.zeroCount)
    }
    append(BucketSpans(native.negative), isWhole: isWhole, spans: 9, deltas: 10, counts: 11)
    append(BucketSpans(native.positive), isWhole: isWhole, spans: 12, deltas: 13, counts: 14)
    // An empty span distinguishes an empty native histogram from a classic one.
    if native.bucketCount == 0 { value.field(12, bytes: []) }
  }

  /// - Parameters:
  ///   - spans: The number of the field for spans, as are the others for theirs.
  private mutating func append(
    _ buckets: BucketSpans, isWhole: Bool, spans: UInt64, deltas: UInt64, counts: UInt64
  ) {
    for span in buckets.spans {
      part.removeAll()
      part.field(1, zigzag: Int64(span.offset))
      part.field(2, varint: UInt64(span.length))
      value.field(spans, bytes: part.bytes)
    }
    guard !buckets.spans.isEmpty else { return }
    part.removeAll()
    if isWhole {
      for delta in buckets.deltas { part.varint(ProtobufWriter.zigzag(delta)) }
      value.field(deltas, bytes: part.bytes)
    } else {
      for count in buckets.counts { part.double(count) }
      value.field(counts, bytes: part.bytes)
    }
  }

  /// A native histogram has its exemplars beside its buckets. Each has a time, and the oldest is
  /// first.
  private mutating func append(nativeExemplars exemplars: [Int: Exemplar]) {
    let timed = exemplars.filter { $0.value.unixSeconds != nil }.sorted {
      ($0.value.unixSeconds ?? 0, $0.key) < ($1.value.unixSeconds ?? 0, $1.key)
    }
    for (_, exemplar) in timed { value.field(16, bytes: message(exemplar)) }
  }

  /// A `google.protobuf.Timestamp`.
  private mutating func append(_ unixSeconds: UInt32?, field: UInt64) {
    guard let unixSeconds else { return }
    part.removeAll()
    part.field(1, varint: UInt64(unixSeconds))
    value.field(field, bytes: part.bytes)
  }

  private func message(_ exemplar: Exemplar) -> [UInt8] {
    var message = ProtobufWriter()
    var text: [UInt8] = []
    message.labelPairs(of: exemplar.labels.span, from: 0, text: &text)
    message.field(2, double: exemplar.value)
    if let seconds = exemplar.unixSeconds {
      var time = ProtobufWriter()
      time.field(1, varint: UInt64(bitPattern: Int64(seconds.rounded(.down))))
      let nanoseconds = (seconds - seconds.rounded(.down)) * 1e9
      time.field(2, varint: UInt64(min(max(nanoseconds, 0), 999_999_999)))
      message.field(3, bytes: time.bytes)
    }
    return message.bytes
  }

  /// Ends the metric whose value was written, and the message if it is long enough.
  private mutating func metric(_ series: borrowing Span<UInt8>, _ nameLength: Int) {
    labels.removeAll()
    labels.labelPairs(of: series, from: nameLength, text: &text)
    part.removeAll()
    part.beginField(type.protobufField, length: value.count)
    metrics.beginField(4, length: labels.count + part.count + value.count)
    metrics.append(labels.bytes)
    metrics.append(part.bytes)
    metrics.append(value.bytes)
    if metrics.count >= ProtobufEncoder.familyBytes { endFamily() }
  }

  /// The nearest whole number that fits into 64 bits.
  private static func whole(_ count: Double) -> UInt64 {
    count < 0x1p63 ? UInt64(max(count, 0).rounded()) : 1 << 63
  }

  /// The next number of 41 significant bits, infinite if there is none. So a count does not fall if
  /// its fractions are added in another order, as they are when buckets become wider.
  private static func roundedUp(_ count: Double) -> Double {
    let step = count.ulp * 0x1p12
    return (count / step).rounded(.up) * step
  }
}

extension ExposedType {
  /// Values of `io.prometheus.client.MetricType`.
  fileprivate var protobufNumber: UInt64 {
    switch self {
    case .counter: 0
    case .gauge: 1
    case .summary: 2
    case .unknown: 3
    case .histogram: 4
    }
  }

  /// The field of `io.prometheus.client.Metric` for the value.
  fileprivate var protobufField: UInt64 {
    switch self {
    case .gauge: 2
    case .counter: 3
    case .summary: 4
    case .unknown: 5
    case .histogram: 7
    }
  }
}
