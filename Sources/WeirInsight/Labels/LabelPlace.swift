import WeirMetrics

/// Where a label is in the spelling of a series, `name{label="value",…}`.
package struct LabelPlace: Sendable, Equatable {
  /// The label's name as it is spelled, perhaps in quotes.
  package let name: Range<Int>
  /// The value as it is spelled, without its quotes.
  package let value: Range<Int>
  /// Whether the value has escapes.
  package let isEscaped: Bool

  /// The label at `index`, which moves on to the next one; nil at the end.
  ///
  /// - Parameter index: One more than the length of the metric's name at first.
  /// - Precondition: it is the spelling of a series that Weir keeps.
  /// - Complexity: O(bytes of the label).
  package static func next(in spelling: Span<UInt8>, at index: inout Int) -> LabelPlace? {
    guard index < spelling.count else { return nil }
    let length = SpelledName.length(in: spelling, from: index, end: UInt8(ascii: "="))
    // After `="`.
    let first = index + length + 2
    var end = first
    var isEscaped = false
    while spelling[end] != UInt8(ascii: "\"") {
      let isEscape = spelling[end] == UInt8(ascii: "\\")
      isEscaped = isEscaped || isEscape
      end += isEscape ? 2 : 1
    }
    defer { index = end + 2 }
    return LabelPlace(name: index..<index + length, value: first..<end, isEscaped: isEscaped)
  }

  /// The label's name, without quotes and escapes.
  package func rawName(in spelling: Span<UInt8>) -> [UInt8] {
    SpelledName.raw(LabelPlace.bytes(of: spelling, name))
  }

  /// The value, without escapes.
  package func rawValue(in spelling: Span<UInt8>) -> [UInt8] {
    isEscaped
      ? SpelledName.raw(LabelPlace.bytes(of: spelling, value.lowerBound - 1..<value.upperBound + 1))
      : LabelPlace.bytes(of: spelling, value)
  }

  private static func bytes(of spelling: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(spelling[index]) }
    return bytes
  }
}
