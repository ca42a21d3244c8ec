/// The date format of HTTP headers: IMF-fixdate of RFC 9110, 5.6.7.
package enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Sun, 06 Nov 1994 08:49:37 GMT` for 784,111,777 seconds after 1970.
  ///
  /// Times before 1970 and after the year 9999 are clamped to that range.
  package static func string(unixSeconds: Int64) -> String {
    let seconds = min(max(unixSeconds, 0), 253_402_300_799)
    let (day, second) = (Int(seconds / 86_400), Int(seconds % 86_400))
    let (year, month, dayOfMonth) = civil(daysSince1970: day)
    let clock = [second / 3_600, second / 60 % 60, second % 60].map { padded($0, 2) }
    return "\(days[day % 7]), \(padded(dayOfMonth, 2)) \(months[month]) \(padded(year, 4)) "
      + "\(clock.joined(separator: ":")) GMT"
  }

  /// The Gregorian date; months count from 0, days from 1.
  private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    var year = 1970
    var left = days
    // Skip whole 400-year cycles, so that the loop has at most 400 iterations.
    year += left / 146_097 * 400
    left %= 146_097
    while left >= length(ofYear: year) {
      left -= length(ofYear: year)
      year += 1
    }
    let february = length(ofYear: year) - 337
    var month = 0
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
      if left < length { break }
      left -= length
      month += 1
    }
    return (year, month, left + 1)
  }

  private static func length(ofYear year: Int) -> Int {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }
}
