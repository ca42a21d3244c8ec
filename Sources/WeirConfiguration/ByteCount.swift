/// Numbers of bytes as people write them: `16777216`, `16MiB`, `16MB`.
enum ByteCount {
  /// Binary units first, because defaults are chosen in them.
  private static let units: [(suffix: String, bytes: Int)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
  ]

  /// The number of bytes that `text` means; nil if it is not one, or does not fit in an Int.
  static func parse(_ text: String) -> Int? {
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else {
      return Decimal.parse(text[...])
    }
    guard let count = Decimal.parse(text.dropLast(unit.suffix.count)) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
    return overflow ? nil : bytes
  }

  /// The shortest exact text that `parse` reads as `bytes`.
  static func text(_ bytes: Int) -> String {
    for unit in units where bytes != 0 && bytes.isMultiple(of: unit.bytes) {
      return "\(bytes / unit.bytes)\(unit.suffix)"
    }
    return "\(bytes)"
  }
}

/// Whole numbers in decimal digits only: no sign, no space, no separator.
enum Decimal {
  /// The number that `text` means; nil if it is not one, or does not fit in an Int.
  static func parse(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    return Int(text)
  }
}
