import WeirBytes

/// Numbers and durations in few characters.
package enum ReadableNumber {
  /// The most characters of a number's text.
  package static let countMax = 8

  private static let units: [(suffix: String, size: Double)] = [
    ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
  ]

  /// `0`, `4.2`, `8,528`, `61.5 k`, `1.20 M`; `-` for what is not finite.
  package static func text(_ number: Double) -> String {
    guard number.isFinite else { return "-" }
    if number < 0 { return "-" + text(-number) }
    if number < 100, number != number.rounded() {
      let tenths = (number * 10).rounded()
      // A small number is not none.
      if tenths == 0 { return "<0.1" }
      if tenths < 1_000 { return fixed(tenths, digits: 1) }
    }
    if number.rounded() < 10_000 { return CountText.grouped(Int(number.rounded())) }
    var unit = 0
    while unit + 1 < units.count, number / units[unit].size >= 999.5 { unit += 1 }
    let value = number / units[unit].size
    guard value < 99_999 else { return "very many" }
    let suffix = " \(units[unit].suffix)"
    if value < 9.995 { return fixed((value * 100).rounded(), digits: 2) + suffix }
    if value < 99.95 { return fixed((value * 10).rounded(), digits: 1) + suffix }
    return "\(Int(value.rounded()))" + suffix
  }

  /// A share of all as a percentage: `1.0 %`, `<0.1 %`.
  package static func share(_ share: Double) -> String {
    share.isFinite ? "\(text(share * 100)) %" : "-"
  }

  /// `34 ms`, `6.1 s`, `42 s`, `35 min`, `3 h 10 min`, `3 d 4 h`; `-` for what is none.
  package static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e11 else { return "-" }
    if seconds == 0 { return "0 s" }
    if seconds < 0.000_95 { return "<1 ms" }
    if seconds < 0.9995 { return "\(Int((seconds * 1_000).rounded())) ms" }
    if seconds < 9.95, seconds != seconds.rounded() {
      return fixed((seconds * 10).rounded(), digits: 1) + " s"
    }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    let minutes = (whole + 30) / 60
    if whole < 3_600, minutes < 60 { return "\(minutes) min" }
    let hours = minutes / 60
    if hours < 48 { return minutes % 60 == 0 ? "\(hours) h" : "\(hours) h \(minutes % 60) min" }
    let days = hours / 24
    return hours % 24 == 0 || days >= 100
      ? "\(CountText.grouped(days)) d" : "\(days) d \(hours % 24) h"
  }

  /// A whole number of tenths or hundredths with its decimal point.
  private static func fixed(_ number: Double, digits: Int) -> String {
    let text = String(Int(number))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return padded.dropLast(digits) + "." + padded.suffix(digits)
  }
}
