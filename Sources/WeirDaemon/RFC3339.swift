import Glibc

/// Times as RFC 3339 writes them.
enum RFC3339 {
  /// The first and the last second that four digits of a year can name.
  private static let seconds = -62_167_219_200...253_402_300_799

  private static let secondsPerDay = 86_400

  /// The time in UTC with milliseconds, truncated: `2026-01-02T03:04:05.678Z`.
  ///
  /// A time before year 0 or after year 9999 becomes the nearest second that can be written.
  static func text(_ time: timespec) -> String {
    let second = min(max(time.tv_sec, seconds.lowerBound), seconds.upperBound)
    // Division rounds towards zero, but days before 1970 need the floor.
    let secondOfDay = ((second % secondsPerDay) + secondsPerDay) % secondsPerDay
    let (year, month, day) = civilDate(daysSince1970: (second - secondOfDay) / secondsPerDay)
    let (hour, minute) = (secondOfDay / 3600, secondOfDay / 60 % 60)
    let date = "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    let clock = "\(padded(hour, to: 2)):\(padded(minute, to: 2)):\(padded(secondOfDay % 60, to: 2))"
    return "\(date)T\(clock).\(padded(time.tv_nsec / 1_000_000, to: 3))Z"
  }

  /// The date in the Gregorian calendar, also before its introduction.
  ///
  /// Counted from 1 March of year 0, leap days come last in their years, and 400 years have a
  /// fixed number of days.
  private static func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
    let daysPerEra = 146_097
    // Year 0 begins in the era before that of its 1 March.
    let days = daysSince1970 + 719_468 + daysPerEra
    let dayOfEra = days % daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = (days / daysPerEra - 1) * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return (year, month, day)
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
