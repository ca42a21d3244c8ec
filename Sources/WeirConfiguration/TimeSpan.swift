/// Durations as people write them: `90s`, `5m`, `1h30m`, and `0`.
package enum TimeSpan {
  /// From the longest to the shortest, which is the order in a duration.
  private static let units: [(suffix: String, milliseconds: Int)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]

  /// The milliseconds that `text` means; nil if it is not a duration, or does not fit in an Int.
  /// Whole numbers only, each with its unit, no unit twice; `0` needs none.
  static func milliseconds(_ text: String) -> Int? {
    if text == "0" { return 0 }
    var rest = text[...]
    var left = units[...]
    var sum = 0
    repeat {
      let digits = rest.prefix { "0"..."9" ~= $0 }
      rest = rest.dropFirst(digits.count)
      let suffix = rest.prefix { "a"..."z" ~= $0 }
      rest = rest.dropFirst(suffix.count)
      guard !digits.isEmpty, let count = Decimal.parse(digits),
        let unit = left.firstIndex(where: { $0.suffix == suffix })
      else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: left[unit].milliseconds)
      let (total, overflowOfSum) = sum.addingReportingOverflow(product)
      if overflow || overflowOfSum { return nil }
      sum = total
      left = left[(unit + 1)...]
    } while !rest.isEmpty
    return sum
  }

  /// The text that `milliseconds(_:)` reads as this number of seconds.
  package static func text(seconds: Int) -> String { text(milliseconds: seconds * 1_000) }

  /// The text that `milliseconds(_:)` reads as this number of milliseconds.
  static func text(milliseconds: Int) -> String {
    if milliseconds == 0 { return "0" }
    var rest = milliseconds
    return units.reduce(into: "") { text, unit in
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: unit.milliseconds)
      if count > 0 { text += "\(count)\(unit.suffix)" }
      rest = remainder
    }
  }
}
