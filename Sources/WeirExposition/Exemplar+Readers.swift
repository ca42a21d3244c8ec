import WeirMetrics

extension Exemplar {
  /// The last second of the year 9999, the end of protobuf's time range.
  private static let unixSecondsMax = 253_402_300_799.0

  /// Whether every reader accepts it: readers refuse a whole page for one invalid exemplar.
  ///
  /// In text, an exemplar whose label values need escaping is not shown: some readers fail at an
  /// escaped quote, and Prometheus' reader at a null byte.
  ///
  /// - Complexity: O(bytes).
  func isReadable(inText: Bool) -> Bool {
    guard !value.isNaN, unixSeconds.map({ (0...Exemplar.unixSecondsMax).contains($0) }) ?? true,
      labelCharacters <= Exemplar.labelCharactersMax
    else { return false }
    return !inText || labels.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") }
  }

  /// Characters of the labels' names and values, without quotes and separators.
  private var labelCharacters: Int {
    var characters = 0
    var index = 1
    while index < labels.count - 1 {
      for end in [UInt8(ascii: "="), UInt8(ascii: "}")] {
        let length = SpelledName.length(in: labels.span, from: index, end: end)
        characters += SpelledName.raw(labels[index..<index + length]).count { $0 & 0xC0 != 0x80 }
        // The equals sign, the comma or the brace.
        index += length + 1
      }
    }
    return characters
  }
}
