import WeirBytes
import WeirMetrics

/// Decodes StatsD and DogStatsD lines into samples that point into the receive buffer.
///
///     name:value[:value…]|type[|@rate][|#tag:value,…][|T<seconds>][|c:…][|e:…][|card:…]
///     name:value|type[|@rate]:value|type[|@rate]…
///     name,tag=value:value|type…      and three other styles of tags within the name
///
/// A line that can't be read is refused, with a reason; other lines are not affected. Decoding a
/// line allocates nothing. The grammar is described in `docs/wire-format.md`.
package struct StatsDDecoder: Sendable {
  let options: StatsDOptions

  package init(options: StatsDOptions = StatsDOptions()) {
    self.options = options
  }

  /// Decodes the lines of one message, `bytes[start..<end]`, to the end of `batch`.
  ///
  /// - Precondition: the position of each byte fits into 32 bits.
  /// - Complexity: O(`end - start`).
  package func decode(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into batch: inout SampleBatch
  ) {
    precondition(start >= 0 && end <= UInt32.max)
    if end &- start <= SampleBatch.lineBytesMax {
      decodeLines(bytes, from: start, to: end, into: &batch)
    } else {
      decodeLong(bytes, from: start, to: end, into: &batch)
    }
  }

  /// Decodes a message that may contain a line that is too long. No datagram can.
  @inline(never)
  private func decodeLong(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into batch: inout SampleBatch
  ) {
    var lineStart = start
    while lineStart < end {
      let lineEnd = bytes.lineEnd(from: lineStart, to: end).end
      if lineEnd &- lineStart <= SampleBatch.lineBytesMax {
        decodeLines(bytes, from: lineStart, to: lineEnd, into: &batch)
      } else {
        batch.lines &+= 1
        batch.refuse(.lineTooLong, lineStart: lineStart, lineEnd: lineEnd)
      }
      lineStart = lineEnd &+ 1
    }
  }

  private func decodeLines(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into batch: inout SampleBatch
  ) {
    var lineStart = start
    while lineStart < end {
      if let lineEnd = decodePlainLine(bytes, from: lineStart, to: end, into: &batch) {
        batch.lines &+= 1
        lineStart = lineEnd &+ 1
        continue
      }
      let (newline, mayBeNonASCII) = bytes.lineEnd(from: lineStart, to: end)
      var lineEnd = newline
      if lineEnd > lineStart, bytes[lineEnd &- 1] == UInt8(ascii: "\r") { lineEnd &-= 1 }
      if lineEnd > lineStart {
        batch.lines &+= 1
        do throws(Refusal) {
          if mayBeNonASCII, !bytes.isUTF8(from: lineStart, to: lineEnd) { throw .invalidUTF8 }
          try decodeLine(bytes, from: lineStart, to: lineEnd, into: &batch)
        } catch {
          batch.refuse(error, lineStart: lineStart, lineEnd: lineEnd)
        }
      }
      lineStart = newline &+ 1
    }
  }

  private func decodeLine(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into batch: inout SampleBatch
  ) throws(Refusal) {
    if bytes[start] == UInt8(ascii: "_"), end &- start >= 3 {
      if bytes[start &+ 1] == UInt8(ascii: "e"), bytes[start &+ 2] == UInt8(ascii: "{") {
        batch.events &+= 1
        return
      }
      if bytes[start &+ 1] == UInt8(ascii: "s"), bytes[start &+ 2] == UInt8(ascii: "c"),
        end &- start >= 4, bytes[start &+ 3] == UInt8(ascii: "|")
      {
        batch.serviceChecks &+= 1
        return
      }
    }
    let colon = bytes.firstIndex(of: BytePattern(UInt8(ascii: ":")), from: start, to: end)
    guard colon < end else { throw .missingValue }
    guard colon > start else { throw .emptyName }
    let nameEnd = nameEnd(bytes, from: start, colon: colon, to: end)
    let line = LineFrame(start: start, nameEnd: nameEnd, end: end)
    let fields: SampleFields
    do throws(Refusal) {
      fields = try SampleFields(bytes, from: nameEnd &+ 1, to: end)
    } catch {
      // In a classic line the fault belongs to the first sample only.
      guard isClassic(bytes, from: nameEnd &+ 1, to: end) else { throw error }
      return try decodeClassic(bytes, line, into: &batch)
    }
    if fields.isClassicMultiSample {
      try decodeClassic(bytes, line, into: &batch)
    } else {
      try append(bytes, line, fields, to: &batch)
    }
  }

  /// Where the name ends: at the first colon, except that tags within the name may contain colons.
  ///
  /// SignalFx' tags end at their bracket. The other styles allow only one value, which follows the
  /// last colon before the first `|`. Sets are different, because their members may contain colons
  /// as well. Clients that send such members put none into tags.
  private func nameEnd(
    _ bytes: Span<UInt8>, from start: Int, colon: Int, to end: Int
  ) -> Int {
    let equals = BytePattern(UInt8(ascii: "="))
    guard bytes.firstIndex(of: equals, from: start, to: colon) < colon,
      let tags = NameTags(bytes, from: start, to: colon, styles: options.tagStyles), !tags.isEmpty
    else { return colon }
    let pipe = bytes.firstIndex(of: BytePattern(UInt8(ascii: "|")), from: colon, to: end)
    if bytes[tags.mark] == UInt8(ascii: "[") {
      let bracket = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: "]")), from: tags.mark, to: pipe)
      let next = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: bracket, to: pipe)
      if next < pipe { return next }
    } else if isSet(bytes, from: pipe, to: end) {
      return colon
    }
    var last = pipe &- 1
    while bytes[last] != UInt8(ascii: ":") { last &-= 1 }
    return last
  }

  /// Whether the type after the `|` at `pipe` is `s`, judged by its first letter.
  private func isSet(_ bytes: Span<UInt8>, from pipe: Int, to end: Int) -> Bool {
    var index = pipe &+ 1
    while index < end, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
      index &+= 1
    }
    return index < end && bytes[index] == UInt8(ascii: "s")
  }

  /// Checks the values of a sample whose fields are known, and appends it.
  func append(
    _ bytes: Span<UInt8>, _ line: LineFrame, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) {
    let first = batch.values.count
    var relative = false
    var isNegative = false
    do throws(Refusal) {
      switch fields.type {
      case .set: addMember(bytes, fields, to: &batch)
      case .gauge: relative = try gauge(bytes, fields, to: &batch)
      case .counter, .milliseconds, .histogram:
        isNegative = try numbers(bytes, fields, to: &batch)
      }
    } catch {
      batch.values.removeLast(batch.values.count &- first)
      throw error
    }
    batch.samples.append(
      line.sample(
        fields, firstValue: first, valueCount: batch.values.count &- first, isRelative: relative,
        isNegative: isNegative, options: options))
  }

  private func addMember(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) {
    // The same hash as in the push protocol, so that a set may be sent by both.
    let hash = MemberHash.hash(bytes.extracting(fields.valueStart..<fields.valueEnd))
    batch.values.append(Double(bitPattern: hash))
  }

  /// Appends the values of counters and observations, in their final unit. Empty ones are skipped.
  ///
  /// - Returns: Whether there is a counter's value below 0.
  private func numbers(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) -> Bool {
    let first = batch.values.count
    var isNegative = false
    var start = fields.valueStart
    while start < fields.valueEnd {
      let end = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: start, to: fields.valueEnd)
      defer { start = end &+ 1 }
      if end == start { continue }
      var value = try number(bytes, from: start, to: end)
      if fields.type == .counter {
        if value < 0 {
          guard options.takesNegativeCounters else { throw .negativeCounter }
          isNegative = true
        }
        value /= fields.rate
        if !value.isFinite { throw .infinite }
      } else if fields.type == .milliseconds {
        value /= 1000
      }
      batch.values.append(value)
    }
    if batch.values.count == first { throw .missingValue }
    return isNegative
  }

  /// Appends the values of a gauge, and returns whether they are all relative.
  ///
  /// If only some packed values are relative, all become absolute ones with the same effect:
  /// `5:+3:-1` is 5, 8, 7. Values before the first absolute one have no effect, and get its value.
  private func gauge(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) -> Bool {
    let first = batch.values.count
    var allRelative = true
    var start = fields.valueStart
    while start < fields.valueEnd {
      let end = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: start, to: fields.valueEnd)
      defer { start = end &+ 1 }
      if end == start { continue }
      var value = try number(bytes, from: start, to: end)
      let signed = bytes[start] == UInt8(ascii: "+") || bytes[start] == UInt8(ascii: "-")
      if !(signed && options.gaugeSign == .relative) {
        if allRelative {
          for index in first..<batch.values.count { batch.values[index] = value }
        }
        allRelative = false
      } else if !allRelative {
        value = CompensatedSum.clamped(batch.values[batch.values.count &- 1] + value)
      }
      batch.values.append(value)
    }
    if batch.values.count == first { throw .missingValue }
    return allRelative
  }

  private func number(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) -> Double {
    do throws(DecimalError) {
      return try bytes.decimal(from: start, to: end)
    } catch {
      switch error {
      case .malformed: throw .badValue
      case .notANumber: throw .notANumber
      case .infinite: throw .infinite
      }
    }
  }
}
