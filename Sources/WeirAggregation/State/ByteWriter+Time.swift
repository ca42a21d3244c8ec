import WeirBytes

extension ByteWriter {
  /// Appends a time of the wall clock as RFC 3339 has it, in UTC: `2026-11-26T06:41:13.250Z`.
  ///
  /// - Parameter milliseconds: Since 1970. A year above 9999 is written as it is.
  mutating func append(rfc3339 milliseconds: UInt64) {
    let (seconds, thousandths) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let date = ByteWriter.date(ofDay: days)
    append(date.year, digits: 4)
    append(UInt8(ascii: "-"))
    append(date.month, digits: 2)
    append(UInt8(ascii: "-"))
    append(date.day, digits: 2)
    append(UInt8(ascii: "T"))
    append(second / 3_600, digits: 2)
    append(UInt8(ascii: ":"))
    append(second / 60 % 60, digits: 2)
    append(UInt8(ascii: ":"))
    append(second % 60, digits: 2)
    append(UInt8(ascii: "."))
    append(thousandths, digits: 3)
    append(UInt8(ascii: "Z"))
  }

  private mutating func append(_ number: UInt64, digits: Int) {
    var divisor = (1..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
    if number >= divisor * 10 { return append(Int64(clamping: number)) }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// The date of a day since 1970-01-01, by eras of 400 years that begin in March (Howard Hinnant,
  /// "chrono-compatible low-level date algorithms").
  private static func date(ofDay day: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = day + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isNextYear = month >= 10
    return (
      yearOfEra + era * 400 + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}
