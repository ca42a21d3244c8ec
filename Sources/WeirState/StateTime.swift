/// A time as it is written in the names of files: `20261126T062438Z` (ISO 8601, basic format).
enum StateTime {
  /// - Parameter seconds: Since 1970; what is out of the years 0 to 9999 is clamped.
  static func text(_ seconds: Int) -> String {
    let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let day = Int((Double(seconds) / 86_400).rounded(.down))
    let second = seconds - day * 86_400
    let date = date(day)
    return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2) + "T"
      + padded(second / 3_600, 2) + padded(second / 60 % 60, 2) + padded(second % 60, 2) + "Z"
  }

  /// Whether a name ends with such a time, or with one and a number: `20261126T062438Z-2`.
  static func isText(_ text: Substring) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let time = parts.first, time.utf8.count == 16, parts.count <= 2 else { return false }
    let isTime = time.utf8.enumerated().allSatisfy { index, byte in
      switch index {
      case 8: byte == UInt8(ascii: "T")
      case 15: byte == UInt8(ascii: "Z")
      default: isDigit(byte)
      }
    }
    return isTime && (parts.count == 1 || !parts[1].isEmpty && parts[1].utf8.allSatisfy(isDigit))
  }

  /// The date of a day since 1970, in the Gregorian calendar.
  private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
    // Years begin in March, so that the day that may be missing is the last one. 400 years have
    // 146,097 days; 719,468 days are before 1970.
    let all = day + 719_468
    let era = Int((Double(all) / 146_097).rounded(.down))
    let rest = all - era * 146_097
    let year = (rest - rest / 1_460 + rest / 36_524 - rest / 146_096) / 365
    let dayOfYear = rest - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isNextYear = month >= 10
    return (
      era * 400 + year + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
