import Testing
import WeirBytes

@Suite struct CountTextTests {
  @Test(
    arguments: [
      (0, "0"), (7, "7"), (-7, "-7"), (999, "999"), (1_000, "1,000"), (-1_000, "-1,000"),
      (12_480, "12,480"),
      (999_999, "999,999"), (1_000_000, "1,000,000"), (.max, "9,223,372,036,854,775,807"),
      (.min, "-9,223,372,036,854,775,808"),
    ] as [(Int, String)])
  func `a comma follows each three digits`(number: Int, text: String) {
    #expect(CountText.grouped(number) == text)
  }

  @Test func `one of a thing has its own form`() {
    #expect(
      [0, 1, 2, -1].map { CountText.counted($0, "line") } == [
        "0 lines", "1 line", "2 lines", "-1 lines",
      ])
    #expect(
      [1, 3].map { CountText.counted($0, "key is", "keys are") } == ["1 key is", "3 keys are"])
    #expect(CountText.form(2, "series", "series") == "series")
    #expect(CountText.groupedCount(12_480, "line") == "12,480 lines")
  }
}
