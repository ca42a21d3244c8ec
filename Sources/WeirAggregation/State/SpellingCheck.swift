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

  /// Whether no text has an escape, so that a quote is always the end of one.
  private var isPlain = false

  var hasLabels: Bool { labelCount > 0 }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let newline = UInt8(ascii: "\n")

  /// Nil if the bytes are anything else.
  ///
  /// - Complexity: O(bytes), 32 bytes per step in texts without escapes.
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let end = range.upperBound
    // No spelling has a newline, so the first of the two is an escape.
    var seen: UInt64 = 0
    let first = bytes.firstIndex(
      ofEither: SpellingCheck.backslash, SpellingCheck.newline, from: range.lowerBound, to: end,
      seen: &seen)
    isPlain = first == end
    guard
      isPlain && seen == 0 || bytes.isASCII(from: range.lowerBound, to: end)
        || bytes.isUTF8(from: range.lowerBound, to: end)
    else { return nil }
    guard let name = name(bytes, from: range.lowerBound, to: end, more: UInt8(ascii: ":")) else {
      return nil
    }
    nameLength = name.upperBound - name.lowerBound
    nameBytes = bytes[name.lowerBound] == SpellingCheck.quote ? nameLength - 2 : nameLength
    if name.upperBound == end { return }
    guard bytes[name.upperBound] == UInt8(ascii: "{") else { return nil }
    isOverflow = bytes.holds(OverflowSeries.labels, name.upperBound..<end)
    guard readLabels(bytes, from: name.upperBound + 1, to: end) else { return nil }
  }

  private mutating func readLabels(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    var index = start
    var before = start..<start
    while true {
      guard let name = name(bytes, from: index, to: end, more: UInt8(ascii: "_")),
        labelCount == 0 || bytes.ascends(before, name), mayBeLabel(bytes, name)
      else { return false }
      before = name
      labelCount += 1
      note(bytes, name)
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

  @inline(__always)
  private mutating func note(_ bytes: Span<UInt8>, _ name: Range<Int>) {
    if name.count == 2 {
      if bytes.holds(SpellingCheck.bound, name) { hasBound = true }
    } else if name.count == 8, bytes.holds(SpellingCheck.quantile, name) {
      hasQuantile = true
    }
  }

  /// Senders' labels never begin so, because they are reserved or Weir's own.
  @inline(__always)
  private func mayBeLabel(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    let start = name.lowerBound + (bytes[name.lowerBound] == SpellingCheck.quote ? 1 : 0)
    let length = name.upperBound - start
    guard length >= 2 else { return true }
    if bytes[start] == UInt8(ascii: "_"), bytes[start + 1] == UInt8(ascii: "_") { return false }
    if bytes[start] != UInt8(ascii: "w") || isOverflow { return true }
    let own = SpellingCheck.own
    return length < own.count || !bytes.holds(own, start..<start + own.count)
  }

  private static let bound = Array("le".utf8)
  private static let quantile = Array("quantile".utf8)
  private static let own = Array("weir_".utf8)

  /// The range of the name that begins at `start`, with its quotes; nil if there is none.
  ///
  /// - Parameter more: A byte that a name without quotes may have beside letters, digits and `_`.
  @inline(__always)
  private mutating func name(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, more: UInt8
  ) -> Range<Int>? {
    guard start < end else { return nil }
    if bytes[start] == SpellingCheck.quote {
      return quotedName(bytes, from: start, to: end, more: more)
    }
    let stop = bytes.nameEnd(from: start, to: end, more: more)
    return stop > start && !isDigit(bytes[start]) ? start..<stop : nil
  }

  @inline(never)
  private mutating func quotedName(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, more: UInt8
  ) -> Range<Int>? {
    isQuoted = true
    guard let quoted = text(bytes, from: start, to: end), quoted.length > 0 else { return nil }
    let inner = start + 1..<quoted.end - 1
    for index in inner where bytes[index] == 0 { return nil }
    // Else it would not be in quotes.
    let needsQuotes =
      isDigit(bytes[start + 1])
      || bytes.nameEnd(from: inner.lowerBound, to: inner.upperBound, more: more) < inner.upperBound
    return needsQuotes ? start..<quoted.end : nil
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// The end of a text in quotes, and its length without quotes and escapes.
  @inline(__always)
  private func text(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> (end: Int, length: Int)? {
    guard start < end, bytes[start] == SpellingCheck.quote else { return nil }
    guard isPlain else { return escapedText(bytes, from: start, to: end) }
    var seen: UInt64 = 0
    let quote = bytes.firstIndex(
      ofEither: SpellingCheck.quote, SpellingCheck.quote, from: start + 1, to: end, seen: &seen)
    return quote < end ? (quote + 1, quote - start - 1) : nil
  }

  @inline(never)
  private func escapedText(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> (end: Int, length: Int)? {
    var index = start + 1
    var length = 0
    while index < end {
      let byte = bytes[index]
      if byte == SpellingCheck.quote { return (index + 1, length) }
      if byte == SpellingCheck.newline { return nil }
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
    range.count == expected.count
      && matches(at: range.lowerBound, expected.span, at: 0, length: range.count)
  }

  /// Whether one name, without quotes and escapes, comes before another.
  @inline(__always)
  fileprivate func ascends(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    let quote = UInt8(ascii: "\"")
    let (first, second) = (self[left.lowerBound], self[right.lowerBound])
    if first != second, first != quote, second != quote { return first < second }
    return ascendsByMore(left, right)
  }

  @inline(never)
  private func ascendsByMore(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
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
