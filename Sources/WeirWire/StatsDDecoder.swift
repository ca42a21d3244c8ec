import WeirBytes
import WeirMetrics

/// Decodes StatsD and DogStatsD lines into samples that point into the receive buffer.
///
///     name:value[:value…]|type[|@rate][|#tag:value,…][|T<seconds>][|c:…][|e:…][|card:…]
///     name:value|type[|@rate]:value|type[|@rate]…
///
/// A line that can't be read is refused, by reason, and takes nothing with it. Nothing is allocated
/// for a line. The grammar is written down in `docs/wire-format.md`.
package struct StatsDDecoder: Sendable {
  let options: StatsDOptions

  package init(options: StatsDOptions = StatsDOptions()) {
    self.options = options
  }

  /// Decodes the lines of one datagram, `bytes[start..<end]`, to the end of `batch`.
  ///
  /// - Complexity: O(`end - start`).
  package func decode(
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
    let line = LineFrame(start: start, nameEnd: colon, end: end)
    let fields: SampleFields
    do throws(Refusal) {
      fields = try SampleFields(bytes, from: colon &+ 1, to: end)
    } catch {
      // In a classic line the fault is the first sample's alone.
      guard isClassic(bytes, from: colon &+ 1, to: end) else { throw error }
      return try decodeClassic(bytes, line, into: &batch)
    }
    if fields.isClassicMultiSample {
      try decodeClassic(bytes, line, into: &batch)
    } else {
      try append(bytes, line, fields, to: &batch)
    }
  }

  /// Checks the values of a sample whose fields are known, and appends it.
  func append(
    _ bytes: Span<UInt8>, _ line: LineFrame, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) {
    let first = batch.values.count
    var relative = false
    do throws(Refusal) {
      switch fields.type {
      case .set: addMember(bytes, fields, to: &batch)
      case .gauge: relative = try gauge(bytes, fields, to: &batch)
      case .counter, .milliseconds, .histogram: try numbers(bytes, fields, to: &batch)
      }
    } catch {
      batch.values.removeLast(batch.values.count &- first)
      throw error
    }
    batch.samples.append(
      line.sample(
        fields, firstValue: first, valueCount: batch.values.count &- first, isRelative: relative,
        keepsTags: options.tagStyles.contains(.dogStatsD)))
  }

  private func addMember(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) {
    // The same as in the push protocol, so that a set may be sent by both.
    let hash = MemberHash.hash(bytes.extracting(fields.valueStart..<fields.valueEnd))
    batch.values.append(Double(bitPattern: hash))
  }

  /// Appends the values of counters and observations, in their final unit.
  private func numbers(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) {
    var start = fields.valueStart
    while true {
      let end = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: start, to: fields.valueEnd)
      var value = try number(bytes, from: start, to: end)
      if fields.type == .counter {
        if value < 0 { throw .negativeCounter }
        value /= fields.rate
        if !value.isFinite { throw .infinite }
      } else if fields.type == .milliseconds {
        value /= 1000
      }
      batch.values.append(value)
      if end == fields.valueEnd { return }
      start = end &+ 1
    }
  }

  /// Appends the values of a gauge, and returns whether they are all relative.
  ///
  /// Where packed values differ in that, they become absolute ones of the same effect: `5:+3:-1`
  /// is 5, 8, 7. What comes before the first absolute value has none, and takes its place.
  private func gauge(
    _ bytes: Span<UInt8>, _ fields: SampleFields, to batch: inout SampleBatch
  ) throws(Refusal) -> Bool {
    let first = batch.values.count
    var allRelative = true
    var start = fields.valueStart
    while true {
      let end = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: start, to: fields.valueEnd)
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
      if end == fields.valueEnd { return allRelative }
      start = end &+ 1
    }
  }

  private func number(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(Refusal) -> Double {
    do throws(DecimalError) {
      return try bytes.decimal(from: start, to: end)
    } catch {
      switch error {
      case .malformed: throw start == end ? .missingValue : .badValue
      case .notANumber: throw .notANumber
      case .infinite: throw .infinite
      }
    }
  }
}
