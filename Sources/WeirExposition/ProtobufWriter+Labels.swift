import WeirMetrics

extension ProtobufWriter {
  /// Appends a `LabelPair` for each label of `{name="value",…}`, which begins at `start`.
  ///
  /// - Parameter text: Stored by the caller to reuse its memory.
  mutating func labelPairs(
    of series: borrowing Span<UInt8>, from start: Int, text: inout [UInt8]
  ) {
    var index = start + 1
    // An exemplar may have braces without labels.
    while index < series.count, series[index] != UInt8(ascii: "}") {
      let nameStart = index
      index += SpelledName.length(in: series, from: index, end: UInt8(ascii: "="))
      let name = NameBytes(series, nameStart..<index)
      index += 2
      let valueStart = index
      text.removeAll(keepingCapacity: true)
      while series[index] != UInt8(ascii: "\"") {
        guard series[index] == UInt8(ascii: "\\") else {
          index += 1
          continue
        }
        // From here on the value has escapes.
        if text.isEmpty { text.append(series, valueStart..<index) }
        text.append(series[index + 1] == UInt8(ascii: "n") ? 0x0A : series[index + 1])
        index += 2
        let plain = index
        while series[index] != UInt8(ascii: "\""), series[index] != UInt8(ascii: "\\") {
          index += 1
        }
        text.append(series, plain..<index)
      }
      let valueCount = text.isEmpty ? index - valueStart : text.count
      let nameBytes = ProtobufWriter.fieldBytes(name.count)
      beginField(1, length: nameBytes + ProtobufWriter.fieldBytes(valueCount))
      beginField(1, length: name.count)
      if let raw = name.raw {
        append(raw)
      } else {
        append(series.extracting(name.range))
      }
      beginField(2, length: valueCount)
      if text.isEmpty {
        append(series.extracting(valueStart..<index))
      } else {
        append(text)
      }
      // The quote, and the comma or the brace.
      index += 2
    }
  }

  /// The length of a field with a small number that holds `count` bytes.
  private static func fieldBytes(_ count: Int) -> Int {
    var lengthBytes = 1
    var rest = count >> 7
    while rest > 0 {
      lengthBytes += 1
      rest >>= 7
    }
    return 1 + lengthBytes + count
  }
}

/// A label's name: bytes of the spelling, or if that is in quotes the unescaped bytes.
private struct NameBytes {
  let range: Range<Int>
  let raw: [UInt8]?

  var count: Int { raw?.count ?? range.count }

  init(_ series: borrowing Span<UInt8>, _ range: Range<Int>) {
    self.range = range
    guard series[range.lowerBound] == UInt8(ascii: "\"") else {
      raw = nil
      return
    }
    var quoted: [UInt8] = []
    for index in range { quoted.append(series[index]) }
    raw = SpelledName.raw(quoted)
  }
}
