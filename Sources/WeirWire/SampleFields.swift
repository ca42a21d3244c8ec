import WeirBytes
import WeirMetrics

/// The types that StatsD and DogStatsD send.
enum SampleType {
  case counter
  case gauge
  /// `ms`: observations in milliseconds.
  case milliseconds
  /// `h` and `d`: observations in the unit that they were sent in.
  case histogram
  case set

  var kind: MetricKind {
    switch self {
    case .counter: .counter
    case .gauge: .gauge
    case .milliseconds, .histogram: .histogram
    case .set: .set
    }
  }
}

/// What follows the name of one sample: `value|type|field|field…`. The values are not read yet.
struct SampleFields {
  let valueStart: Int
  /// The first `|`.
  let valueEnd: Int
  private(set) var type = SampleType.counter
  private(set) var rate = 1.0
  private(set) var tagsStart = 0
  private(set) var tagsLength = 0
  /// The last field `c:` that holds an id, with the `|` before it; empty if there is none.
  private(set) var container = 0..<0
  /// Whether there is a colon that only the next sample of a classic line can explain. Then only
  /// the position of the values is known.
  private(set) var isClassicMultiSample = false
  private var hasRate = false
  private(set) var hasTags = false

  init(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(Refusal) {
    let pipe = BytePattern(UInt8(ascii: "|"))
    valueStart = start
    valueEnd = bytes.firstIndex(of: pipe, from: start, to: end)
    guard valueEnd > start else { throw .missingValue }
    guard valueEnd &+ 1 < end else { throw .missingType }
    var fieldEnd = bytes.firstIndex(of: pipe, from: valueEnd &+ 1, to: end)
    try readType(bytes, from: valueEnd &+ 1, to: fieldEnd)
    while fieldEnd < end, !isClassicMultiSample {
      let fieldStart = fieldEnd &+ 1
      guard fieldStart < end else { break }
      fieldEnd = bytes.firstIndex(of: pipe, from: fieldStart, to: end)
      switch bytes[fieldStart] {
      case UInt8(ascii: "@"): try readRate(bytes, from: fieldStart &+ 1, to: fieldEnd)
      case UInt8(ascii: "#"):
        if hasTags { throw .repeatedField }
        hasTags = true
        tagsStart = fieldStart &+ 1
        tagsLength = fieldEnd &- tagsStart
      case UInt8(ascii: "T"): try readTimestamp(bytes, from: fieldStart &+ 1, to: fieldEnd)
      case UInt8(ascii: "c"):
        if fieldEnd &- fieldStart > 2, bytes[fieldStart &+ 1] == UInt8(ascii: ":") {
          container = fieldStart &- 1..<fieldEnd
        }
      default: break  // `e:`, `card:`, and whatever a later version brings.
      }
    }
  }

  private mutating func readType(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) {
    if end &- start == 1 {
      switch bytes[start] {
      case UInt8(ascii: "c"): type = .counter
      case UInt8(ascii: "g"): type = .gauge
      case UInt8(ascii: "h"), UInt8(ascii: "d"): type = .histogram
      case UInt8(ascii: "s"): type = .set
      default: try readUnusualType(bytes, from: start, to: end)
      }
    } else if end &- start == 2, bytes[start] == UInt8(ascii: "m"),
      bytes[start &+ 1] == UInt8(ascii: "s")
    {
      type = .milliseconds
    } else {
      try readUnusualType(bytes, from: start, to: end)
    }
  }

  private mutating func readUnusualType(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) {
    guard !hasColon(bytes, from: start, to: end) else {
      isClassicMultiSample = true
      return
    }
    let trimmed = bytes.trimmed(start, end)
    guard trimmed.count > 0 else { throw .missingType }
    guard trimmed.count < end &- start else { throw .unknownType }
    try readType(bytes, from: trimmed.lowerBound, to: trimmed.upperBound)
  }

  private mutating func readRate(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) {
    if hasColon(bytes, from: start, to: end) {
      isClassicMultiSample = true
      return
    }
    if hasRate { throw .repeatedField }
    hasRate = true
    let trimmed = bytes.trimmed(start, end)
    do throws(DecimalError) {
      rate = try bytes.decimal(from: trimmed.lowerBound, to: trimmed.upperBound)
    } catch {
      throw .badRate
    }
    if rate == 0 { throw .zeroRate }
    if rate < 0 { throw .negativeRate }
    if rate > 1 { throw .rateAboveOne }
    if !(1 / rate).isFinite { throw .badRate }
  }

  private mutating func readTimestamp(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) {
    let digits = bytes.trimmed(start, end)
    guard digits.count > 0 else { throw .badTimestamp }
    for index in digits where bytes[index] &- UInt8(ascii: "0") > 9 {
      // In a classic line a timestamp may be followed by the next sample.
      if bytes[index] == UInt8(ascii: ":"), index > digits.lowerBound {
        isClassicMultiSample = true
        return
      }
      throw .badTimestamp
    }
  }

  private func hasColon(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    bytes.firstIndex(of: BytePattern(UInt8(ascii: ":")), from: start, to: end) < end
  }
}

extension Span<UInt8> {
  /// `start..<end` without blanks and tabs at both ends.
  fileprivate func trimmed(_ start: Int, _ end: Int) -> Range<Int> {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var (start, end) = (start, end)
    while start < end, isBlank(self[end &- 1]) { end &-= 1 }
    while start < end, isBlank(self[start]) { start &+= 1 }
    return start..<end
  }
}
