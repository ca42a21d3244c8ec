import WeirBytes
import WeirMetrics

/// Reads `io.prometheus.client.MetricFamily` messages, each after its length
/// (metrics.proto of prometheus/client_model), strictly.
///
/// Fields that Weir has no use for are skipped: exemplars, start times, native buckets beside classic ones. A
/// family that comes in several messages is one family.
struct ProtobufBodyReader {
  private let limits: PushedBodyLimits
  private var speller: SeriesSpeller
  private var collector: FamilyCollector

  init(_ labels: PushedLabels, _ limits: PushedBodyLimits) {
    self.limits = limits
    speller = SeriesSpeller(labels, limits.series)
    collector = FamilyCollector(limits)
  }

  mutating func read(_ bytes: Span<UInt8>) throws(PushedBodyMistake) -> [PushedFamily] {
    var cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    while cursor.remaining > 0 {
      let length = cursor.count()
      let start = cursor.skip(length)
      if cursor.hasFailed { throw .malformed("a message is cut off, or its length is wrong") }
      try readFamily(bytes, start..<start + length)
    }
    return try collector.finish()
  }

  // Each message is read by its fields; a field of another wire type is wrong.

  /// Name, help and type may come after the metrics, so that they are looked for first.
  private mutating func readFamily(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(PushedBodyMistake) {
    var (name, help) = (0..<0, 0..<0)
    var number: UInt64 = 0
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: name = try message.bytes()
      case 2: help = try message.bytes()
      case 3: number = try message.varint()
      default: try message.skip()
      }
    }
    guard let type = ExposedType(protobuf: number) else {
      throw .malformed(
        "a family has the type number \(number); Weir takes counters, gauges, summaries, "
          + "histograms and untyped metrics")
    }
    let family = try begin(try text(bytes, name), type, help: try text(bytes, help))
    message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      if field == 4 {
        try readMetric(bytes, try message.bytes(), of: family, type)
      } else {
        try message.skip()
      }
    }
  }

  private mutating func begin(
    _ name: [UInt8], _ type: ExposedType, help: [UInt8]
  ) throws(PushedBodyMistake) -> Int {
    guard PushedBody.isName(name) else {
      throw .malformed("\(PushedBodyMistake.shown(name)) can't be the name of a metric")
    }
    guard name.count <= limits.series.nameBytesMax else {
      throw .inconsistent("a name is longer than --limit.name-bytes allows")
    }
    let family = try collector.family(name)
    if let known = collector.families[family].type, known != type {
      throw .inconsistent("\(PushedBodyMistake.shown(name)) is there with two types")
    }
    collector.set(type: type, of: family)
    if !help.isEmpty { collector.set(help: String(decoding: help, as: UTF8.self), of: family) }
    return family
  }

  private mutating func readMetric(
    _ bytes: Span<UInt8>, _ range: Range<Int>, of family: Int, _ type: ExposedType
  ) throws(PushedBodyMistake) {
    speller.begin()
    var value: Range<Int>?
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: try readLabel(bytes, try message.bytes(), type)
      case 6: throw .inconsistent(PushedBodyMistake.timestamp)
      case type.pushedField: value = try message.bytes()
      default: try message.skip()
      }
    }
    let name = collector.families[family].name
    guard let value else {
      throw .inconsistent("a series of \(PushedBodyMistake.shown(name)) has no \(type.word)")
    }
    let spelling: [UInt8]
    do throws(SpellingMistake) {
      spelling = try speller.finish(name: name)
    } catch {
      throw .inconsistent(error.sentence)
    }
    guard type.isObservations else {
      return try collector.add(spelling, try number(bytes, value), to: family)
    }
    guard !collector.has(spelling, in: family) else {
      throw .inconsistent("the series \(PushedBodyMistake.shown(spelling)) is there twice")
    }
    let read =
      type == .histogram
      ? try histogram(bytes, value, spelling) : try summary(bytes, value)
    try collector.observe(spelling, of: family) { $0 = read }
  }

  private mutating func readLabel(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ type: ExposedType
  ) throws(PushedBodyMistake) {
    var (name, value) = (0..<0, 0..<0)
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: name = try message.bytes()
      case 2: value = try message.bytes()
      default: try message.skip()
      }
    }
    let key = try text(bytes, name)
    _ = try text(bytes, value)
    let own = type == .histogram ? PushedBody.bound : PushedBody.quantile
    guard !type.isObservations || key != own else {
      throw .inconsistent("a \(type.word) has a label \(PushedBodyMistake.shown(key)) of its own")
    }
    do throws(SpellingMistake) {
      try speller.add(bytes, name: name, value: value, isEscaped: false)
    } catch {
      throw .inconsistent(error.sentence)
    }
  }

  /// Checks the bytes of a text, and copies them.
  private func text(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(PushedBodyMistake) -> [UInt8] {
    guard bytes.isUTF8(from: range.lowerBound, to: range.upperBound) else {
      throw .malformed("a text is not UTF-8")
    }
    let copy = range.map { bytes[$0] }
    guard !copy.contains(0) else { throw .malformed("a text has a null byte") }
    return copy
  }

  private func number(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(PushedBodyMistake) -> Double {
    var value = 0.0
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      if field == 1 { value = try message.double() } else { try message.skip() }
    }
    return value
  }

  private func summary(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(PushedBodyMistake) -> FamilyCollector.Observations {
    var read = FamilyCollector.Observations(sum: 0, count: 0)
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: read.count = Double(try message.varint())
      case 2: read.sum = try message.double()
      case 3:
        var (quantile, value) = (0.0, 0.0)
        var part = ProtobufMessage(bytes, try message.bytes())
        while let field = try part.next() {
          switch field {
          case 1: quantile = try part.double()
          case 2: value = try part.double()
          default: try part.skip()
          }
        }
        try read.add(quantile, value)
      default: try message.skip()
      }
    }
    return read
  }

  private func histogram(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ spelling: [UInt8]
  ) throws(PushedBodyMistake) -> FamilyCollector.Observations {
    var read = FamilyCollector.Observations(sum: 0, count: 0)
    var fraction = 0.0
    var isNative = false
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: read.count = Double(try message.varint())
      case 2: read.sum = try message.double()
      case 3:
        let bucket = try bucket(bytes, try message.bytes())
        try read.add(bucket.mark, bucket.value)
      case 4: fraction = try message.double()
      // Spans of native buckets.
      case 9, 12:
        isNative = true
        try message.skip()
      default: try message.skip()
      }
    }
    // A count with a fraction replaces the whole number.
    if fraction > 0 { read.count = fraction }
    if isNative, read.parts.isEmpty {
      throw .inconsistent(
        "the histogram \(PushedBodyMistake.shown(spelling)) has native buckets only; push classic "
          + "ones, too")
    }
    return read
  }

  private func bucket(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(PushedBodyMistake) -> (mark: Double, value: Double) {
    var (bound, count, fraction) = (0.0, 0.0, 0.0)
    var message = ProtobufMessage(bytes, range)
    while let field = try message.next() {
      switch field {
      case 1: count = Double(try message.varint())
      case 2: bound = try message.double()
      case 4: fraction = try message.double()
      default: try message.skip()
      }
    }
    return (bound, fraction > 0 ? fraction : count)
  }
}

extension ExposedType {
  /// By the values of `io.prometheus.client.MetricType`.
  fileprivate init?(protobuf number: UInt64) {
    switch number {
    case 0: self = .counter
    case 1: self = .gauge
    case 2: self = .summary
    case 3: self = .unknown
    case 4: self = .histogram
    default: return nil
    }
  }

  /// The field of `io.prometheus.client.Metric` for the value.
  fileprivate var pushedField: UInt64 {
    switch self {
    case .gauge: 2
    case .counter: 3
    case .summary: 4
    case .unknown: 5
    case .histogram: 7
    }
  }
}
