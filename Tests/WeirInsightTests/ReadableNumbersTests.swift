import Testing
import WeirInsight

@Suite("Numbers in sentences")
struct ReadableNumbersTests {
  @Test(
    "numbers are as people write them",
    arguments: [
      (0.0, "0"), (3.24, "3.2"), (2.96, "3"), (41_300, "41,300"), (999.6, "1,000"),
      (1e9, "1,000,000,000"),
      (-1_234, "-1,234"), (.infinity, "inf"),
    ])
  func counts(number: Double, text: String) { #expect(ReadableNumbers.count(number) == text) }

  @Test(
    "shares have two digits that count",
    arguments: [
      (0.0, "0 %"), (0.5, "50 %"), (0.0105, "1.1 %"), (0.0025, "0.25 %"),
      (0.00001, "less than 0.01 %"), (1, "100 %"),
    ])
  func shares(part: Double, text: String) { #expect(ReadableNumbers.share(part) == text) }

  @Test(
    "times are in the unit that suits them",
    arguments: [
      (90.0, "90 s"), (2_100, "35 min"), (25_200, "7 h"), (1_123_200, "13 days"),
      (.infinity, "ever"),
    ])
  func durations(seconds: Double, text: String) {
    #expect(ReadableNumbers.duration(seconds) == text)
  }

  @Test(
    "bytes are in binary units",
    arguments: [
      (100.0, "100 bytes"), (212_992, "208 KiB"), (16_777_216, "16 MiB"),
      (1_610_612_736, "1.5 GiB"),
    ])
  func bytes(count: Double, text: String) { #expect(ReadableNumbers.bytes(count) == text) }
}
