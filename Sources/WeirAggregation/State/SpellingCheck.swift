import WeirBytes
import WeirMetrics

/// Whether bytes are the one spelling of a series, `name{label="value",…}`, as `SeriesBuilder`
/// writes it: valid UTF-8, quotes only where they are needed, labels sorted, each once.
struct SpellingCheck {
  /// Bytes of the name, with its quotes.
  private(set) var nameLength = 0
  /// The same without quotes and escapes.
  private(set) var nameBytes = 0
  private(set) var labelCount = 0
  /// Whether a name is in quotes, which classic names never are.
  private(set) var isQuoted = false
  private(set) var isOverflow = false
  /// Whether it has a label that a histogram's or a summary's own lines have.
  private(set) var hasBound = false
  private(set) var hasQuantile = false
  /// Bytes of the longest name and value of a label, without quotes and escapes.
  private(set) var longestLabelName = 0
  private(set) var longestLabelValue = 0

  var hasLabels: Bool { labelCount > 0 }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  /// Nil if the bytes are anything else.
  ///
  /// - Complexity: O(bytes).
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let end = range.upperBound
    guard
      bytes.isASCII(from: range.lowerBound, to: end)
        || bytes.isUTF8(from: range.lowerBound, to: end)
    else { return nil }
    guard let name = name(bytes, from: range.lowerBound, to: end, colons: true) else { return nil }
    nameLength = name.upperBound - name.lowerBound
    nameBytes = bytes[name.lowerBound] == SpellingCheck.quote ? nameLength - 2 : nameLength
    if name.upperBound == end { return }
    guard bytes[name.upperBound] == UInt8(ascii: "{") else { return nil }
    isOverflow = bytes.holds(OverflowSeries.labels, name.upperBound..<end)
    guard readLabels(bytes, from: name.upperBound + 1, to: end) else { return nil }
  }

  private mutating func readLabels(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    var index = start
    var before: Range<Int>?
    while true {
      guard let name = name(bytes, from: index, to: end, colons: false),
        before.map({ bytes.ascends($0, name) }) ?? true, mayBeLabel(bytes, name)
      else { return false }
      before = name
      labelCount += 1
      if bytes.holds(SpellingCheck.bound, name) { hasBound = true }
      if bytes.holds(SpellingCheck.quantile, name) { hasQuantile = true }
      longestLabelName = max(longestLabelName, name.count)
      index = name.upperBound
      guard index < end, bytes[index] == UInt8(ascii: "="),
        let value = text(bytes, from: index + 1, to: end), value.length > 0
      else { return false }
      longestLabelValue = max(longestLabelValue, value.length)
      index = value.end
      guard index < end else { return false }
      if bytes[index] == UInt8(ascii: "}") { return index + 1 == end }
      guard bytes[index] == UInt8(ascii: ",") else { return false }
      index += 1
    }
  }

  /// Senders' labels never begin so, because they are reserved or Weir's own.
  private func mayBeLabel(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    let start = name.lowerBound + (bytes[name.lowerBound] == SpellingCheck.quote ? 1 : 0)
    let length = name.upperBound - start
    if length >= 2, bytes[start] == UInt8(ascii: "_"), bytes[start + 1] == UInt8(ascii: "_") {
      return false
    }
    return isOverflow || length < SpellingCheck.own.count
      || !bytes.holds(SpellingCheck.own, start..<start + SpellingCheck.own.count)
  }

  private static let bound = Array("le".utf8)
  private static let quantile = Array("quantile".utf8)
  private static let own = Array("weir_".utf8)

  /// The range of the name that begins at `start`, with its quotes; nil if there is none.
  private mutating func name(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, colons: Bool
  ) -> Range<Int>? {
    guard start < end else { return nil }
    guard bytes[start] == SpellingCheck.quote else {
      var index = start
      while index < end, isClassic(bytes[index], isFirst: index == start, colons) { index += 1 }
      return index > start ? start..<index : nil
    }
    isQuoted = true
    guard let quoted = text(bytes, from: start, to: end), quoted.length > 0 else { return nil }
    // Else it would not be in quotes.
    var needsQuotes = false
    for index in start + 1..<quoted.end - 1 {
      if bytes[index] == 0 { return nil }
      if !isClassic(bytes[index], isFirst: index == start + 1, colons) { needsQuotes = true }
    }
    return needsQuotes ? start..<quoted.end : nil
  }

  private func isClassic(_ byte: UInt8, isFirst: Bool, _ colons: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    case UInt8(ascii: ":"): colons
    default: false
    }
  }

  /// The end of a text in quotes, and its length without quotes and escapes.
  private func text(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> (end: Int, length: Int)? {
    guard start < end, bytes[start] == SpellingCheck.quote else { return nil }
    var index = start + 1
    var length = 0
    while index < end {
      let byte = bytes[index]
      if byte == SpellingCheck.quote { return (index + 1, length) }
      if byte == 0x0A { return nil }
      if byte == SpellingCheck.backslash {
        index += 1
        guard index < end else { return nil }
        switch bytes[index] {
        case SpellingCheck.quote, SpellingCheck.backslash, UInt8(ascii: "n"): break
        default: return nil
        }
      }
      index += 1
      length += 1
    }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether a range has exactly these bytes.
  fileprivate func holds(_ expected: [UInt8], _ range: Range<Int>) -> Bool {
    guard range.count == expected.count else { return false }
    return expected.indices.allSatisfy { self[range.lowerBound + $0] == expected[$0] }
  }

  /// Whether one name, without quotes and escapes, comes before another.
  fileprivate func ascends(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    if self[left.lowerBound] == UInt8(ascii: "\"") || self[right.lowerBound] == UInt8(ascii: "\"") {
      let (left, right) = (left.map { self[$0] }, right.map { self[$0] })
      return SpelledName.raw(left).lexicographicallyPrecedes(SpelledName.raw(right))
    }
    let common = Swift.min(left.count, right.count)
    for offset in 0..<common {
      let (one, other) = (self[left.lowerBound + offset], self[right.lowerBound + offset])
      if one != other { return one < other }
    }
    return left.count < right.count
  }
}
