import Foundation
import Testing

@testable import WeirDaemon

@Suite("RFC 3339")
struct RFC3339Tests {
  @Test(
    "writes a second in UTC with milliseconds",
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000Z"),
      (0, 999_999_999, "1970-01-01T00:00:00.999Z"),
      (1, 1_000_000, "1970-01-01T00:00:01.001Z"),
      (-1, 500_000_000, "1969-12-31T23:59:59.500Z"),
      (951_782_400, 0, "2000-02-29T00:00:00.000Z"),
      (1_709_251_199, 0, "2024-02-29T23:59:59.000Z"),
      (1_767_323_045, 678_000_000, "2026-01-02T03:04:05.678Z"),
      (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
      (-62_167_219_200, 0, "0000-01-01T00:00:00.000Z"),
      (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
    ])
  func known(_ seconds: Int, _ nanoseconds: Int, _ text: String) {
    #expect(RFC3339.text(timespec(tv_sec: seconds, tv_nsec: nanoseconds)) == text)
  }

  @Test("stays within the years that have four digits")
  func clamped() {
    #expect(RFC3339.text(timespec(tv_sec: .min, tv_nsec: 0)) == "0000-01-01T00:00:00.000Z")
    #expect(RFC3339.text(timespec(tv_sec: .max, tv_nsec: 0)) == "9999-12-31T23:59:59.000Z")
  }

  @Test("agrees with gmtime_r throughout its range")
  func agreesWithC() {
    // 29 does not divide the days of the 400-year cycle, so in 10,000 years nearly every day of the
    // cycle is tested.
    for day in stride(from: -62_167_219_200, to: 253_402_300_800, by: 29 * 86_400) {
      // A different second of each day.
      var second = day + abs(day / 86_400 * 7919 % 86_400)
      var date = tm()
      gmtime_r(&second, &date)
      let expected =
        padded(Int(date.tm_year) + 1900, 4) + "-" + padded(Int(date.tm_mon) + 1, 2) + "-"
        + padded(Int(date.tm_mday), 2) + "T" + padded(Int(date.tm_hour), 2) + ":"
        + padded(Int(date.tm_min), 2) + ":" + padded(Int(date.tm_sec), 2) + ".000Z"
      let text = RFC3339.text(timespec(tv_sec: second, tv_nsec: 0))
      guard text == expected else {
        Issue.record("\(second): \(text) is not \(expected)")
        return
      }
    }
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    String(("0000" + String(number)).suffix(width))
  }
}
