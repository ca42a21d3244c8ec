/// Durations in Go's form, as in the exporters' files: `1s`, `1.5h`, `1m30s`, `250ms`.
enum GoDuration {
  private static let units: [(suffix: String, nanoseconds: Int)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// The nanoseconds that `text` means, which may have a sign; nil as below.
  static func signedNanoseconds(_ text: String) -> Int? {
    guard let sign = text.first, sign == "-" || sign == "+" else { return nanoseconds(text) }
    return nanoseconds(String(text.dropFirst())).map { sign == "-" ? -$0 : $0 }
  }

  /// The nanoseconds that `text` means; nil if it is not a duration, or does not fit in an Int. `0`
  /// needs no unit.
  static func nanoseconds(_ text: String) -> Int? {
    if text == "0" { return 0 }
    var rest = text[...]
    var sum = 0
    repeat {
      let number = rest.prefix { "0"..."9" ~= $0 || $0 == "." }
      rest = rest.dropFirst(number.count)
      let suffix = rest.prefix { !("0"..."9" ~= $0) && $0 != "." }
      rest = rest.dropFirst(suffix.count)
      guard number != ".", let count = Double(number), count < 1e12,
        let unit = units.first(where: { $0.suffix == suffix }),
        let product = Int(exactly: (count * Double(unit.nanoseconds)).rounded(.down))
      else { return nil }
      let (total, overflow) = sum.addingReportingOverflow(product)
      if overflow { return nil }
      sum = total
    } while !rest.isEmpty
    return sum
  }
}
