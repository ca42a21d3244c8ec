/// What statsd_exporter accepts as the names in a rule.
enum MappingNames {
  /// Whether `text` is a name of a metric with references: letters, digits, `_`, `$1` and `${1}`, and no
  /// digit first. A brace may be missing.
  static func isName(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    guard let first = rest.first, !isDigit(first) else { return false }
    while let byte = rest.popFirst() {
      if isWord(byte) { continue }
      guard byte == UInt8(ascii: "$") else { return false }
      if rest.first == UInt8(ascii: "{") { rest.removeFirst() }
      let digits = rest.prefix(while: isDigit)
      guard !digits.isEmpty else { return false }
      rest.removeFirst(digits.count)
      if rest.first == UInt8(ascii: "}") { rest.removeFirst() }
    }
    return true
  }

  /// Whether `text` is a name of a label. One of a single letter is not, as in statsd_exporter.
  static func isLabel(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count > 1 else { return false }
    return !isDigit(first) && text.utf8.allSatisfy(isWord)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_")
      || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }
}
