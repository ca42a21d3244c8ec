import Testing

@testable import WeirCapture

@Suite struct LineTimesTests {
  @Test(arguments: [
    ("a:1|c|T1656581400", "a:1|c|T1656581410"),
    ("a:1|c|#k:v|T1656581400\nb:2|g|T5|#x", "a:1|c|#k:v|T1656581410\nb:2|g|T15|#x"),
    ("a:1|c|T1656581400\r\n", "a:1|c|T1656581410\r\n"),
    ("a:1|c|T9", "a:1|c|T19"),
    // No timestamps.
    ("a:1|c", "a:1|c"), ("", ""), ("T5", "T5"), ("a:1|T5", "a:1|T5"), ("a:1|c|T", "a:1|c|T"),
    ("a:1|c|T5x", "a:1|c|T5x"), ("a:1|c|#T5", "a:1|c|#T5"), ("a:1|c|T-5", "a:1|c|T-5"),
    ("a:1|c\nb|T7", "a:1|c\nb|T7"),
    ("a:1|c|T1234567890123456789", "a:1|c|T1234567890123456789"),
    ("_e{1,1}:a|b|d:5", "_e{1,1}:a|b|d:5"),
  ])
  func `timestamps are moved, and nothing else`(line: String, moved: String) {
    #expect(
      String(decoding: LineTimes.moved(Array(line.utf8), bySeconds: 10), as: UTF8.self) == moved)
  }

  @Test func `a timestamp never goes below 0, and never overflows`() {
    func moved(_ line: String, _ shift: Int64) -> String {
      String(decoding: LineTimes.moved(Array(line.utf8), bySeconds: shift), as: UTF8.self)
    }
    #expect(moved("a:1|c|T5", -10) == "a:1|c|T0")
    #expect(moved("a:1|c|T999999999999999999", .max) == "a:1|c|T999999999999999999")
    #expect(moved("a:1|c|T20", -10) == "a:1|c|T10")
  }
}
