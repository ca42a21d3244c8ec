import WeirBytes
import WeirMetrics

extension StatsDDecoder {
  /// Decodes the line at `start` if it has the form in which clients send nearly all of theirs,
  ///
  ///     name:number|type[|@number][|#tags]
  ///
  /// in ASCII, with the two fields in any order, ended by `\n` or the datagram. It is read in one
  /// pass, each byte once. Any other line, valid or not, is left to `decodeLine`, which knows the
  /// whole grammar. Lines that both can read give the same result.
  ///
  /// - Returns: The end of the line, or nil.
  @inline(__always)
  func decodePlainLine(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into batch: inout SampleBatch
  ) -> Int? {
    let newline = UInt8(ascii: "\n")
    let pipe = UInt8(ascii: "|")
    var seen: UInt64 = 0
    let colon = bytes.firstIndex(
      ofEither: UInt8(ascii: ":"), newline, from: start, to: end, seen: &seen)
    // An event or a service check begins with `_`.
    guard colon > start, colon < end, bytes[colon] != newline,
      bytes[start] != UInt8(ascii: "_"),
      let (number, numberEnd) = bytes.plainDecimal(from: colon &+ 1, to: end),
      numberEnd &+ 1 < end, bytes[numberEnd] == pipe
    else { return nil }
    var fields = PlainFields(value: number)
    var index = numberEnd &+ 2
    switch bytes[numberEnd &+ 1] {
    case UInt8(ascii: "c"): fields.kind = .counter
    case UInt8(ascii: "g"): fields.kind = .gauge
    case UInt8(ascii: "h"), UInt8(ascii: "d"): fields.kind = .histogram
    case UInt8(ascii: "m"):
      guard index < end, bytes[index] == UInt8(ascii: "s") else { return nil }
      index &+= 1
      fields.kind = .histogram
      fields.value /= 1000
    default: return nil
    }
    while index < end, bytes[index] != newline {
      guard bytes[index] == pipe, index &+ 1 < end else { return nil }
      switch bytes[index &+ 1] {
      case UInt8(ascii: "#"):
        guard fields.tagsStart == 0 else { return nil }
        fields.tagsStart = index &+ 2
        index = bytes.firstIndex(
          ofEither: pipe, newline, from: fields.tagsStart, to: end, seen: &seen)
        fields.tagsLength = index &- fields.tagsStart
        // A carriage return belongs to the end of the line.
        if bytes[index &- 1] == UInt8(ascii: "\r") { return nil }
      case UInt8(ascii: "@"):
        guard fields.rate == 1,
          let (rate, rateEnd) = bytes.plainDecimal(from: index &+ 2, to: end),
          rate > 0, rate < 1
        else { return nil }
        fields.rate = rate
        index = rateEnd
      default: return nil
      }
    }
    guard seen == 0 else { return nil }
    append(LineFrame(start: start, nameEnd: colon, end: index), fields, to: &batch)
    return index
  }

  @inline(__always)
  private func append(_ line: LineFrame, _ fields: PlainFields, to batch: inout SampleBatch) {
    let isScaled = fields.rate != 1 && fields.kind == .counter
    let first = batch.values.count
    batch.values.append(isScaled ? fields.value / fields.rate : fields.value)
    let keepsTags = options.tagStyles.contains(.dogStatsD)
    batch.samples.append(
      Sample(
        nameStart: line.start, nameLength: line.nameEnd &- line.start, lineEnd: line.end,
        tagsStart: keepsTags ? fields.tagsStart : 0,
        tagsLength: keepsTags ? fields.tagsLength : 0, firstValue: first, valueCount: 1,
        weight: fields.rate == 1 ? 1 : 1 / fields.rate, kind: fields.kind, isRelative: false))
  }
}

/// What follows the name of a plain line.
private struct PlainFields {
  var value: Double
  var kind = MetricKind.counter
  var rate = 1.0
  /// 0 if there are no tags.
  var tagsStart = 0
  var tagsLength = 0
}
