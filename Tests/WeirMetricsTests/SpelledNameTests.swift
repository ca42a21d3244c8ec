import TestSupport
import Testing
import WeirMetrics

@Suite("A name in a spelling")
struct SpelledNameTests {
  private func spelled(_ name: String, colons: Bool = true) -> String {
    var bytes: [UInt8] = []
    SpelledName.append(Array(name.utf8), colons: colons, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "is in quotes unless it is classic",
    arguments: [
      ("a", "a"), ("_9:a", "_9:a"), ("9a", "\"9a\""), ("a.b", "\"a.b\""), ("é", "\"é\""),
      ("a{", "\"a{\""), ("a\"\\\n", #""a\"\\\n""#), (" ", "\" \""), ("", "\"\""),
    ])
  func quoting(name: String, expected: String) {
    #expect(spelled(name) == expected)
    #expect(SpelledName.raw(Array(expected.utf8)) == Array(name.utf8))
  }

  @Test("of a label has no colons")
  func colons() {
    #expect(spelled("a:b", colons: false) == "\"a:b\"")
  }

  @Test(
    "is separated from the labels after it, whatever it contains",
    arguments: ["a", "a.b", "{", "a{b=\"c\"}", "\\", "\"", "é\n{"], ["", "{k=\"v{\"}"])
  func length(name: String, labels: String) {
    let name = spelled(name)
    #expect(SpelledName.length(in: Array((name + labels).utf8).span) == name.utf8.count)
  }

  @Test(
    "can get an ending and lose it",
    arguments: [("a", "a_total"), ("\"a.b\"", "\"a.b_total\""), ("\"{\"", "\"{_total\"")])
  func ending(name: String, whole: String) {
    let ending = Array("_total".utf8)
    #expect(SpelledName.appending(ending, to: Array(name.utf8)) == Array(whole.utf8))
    #expect(SpelledName.removing(ending, from: Array(whole.utf8)) == Array(name.utf8))
    #expect(SpelledName.removing(ending, from: Array(name.utf8)) == nil)
  }

  @Test("that is nothing but the ending keeps it")
  func onlyEnding() {
    let ending = Array("_total".utf8)
    for name in ["_total", "\"_total\"", "", "\"\""] {
      #expect(SpelledName.removing(ending, from: Array(name.utf8)) == nil)
    }
  }

  /// Builds `name` with one tag, names kept as sent.
  private func build(_ name: String, _ label: String, _ value: String) throws -> String {
    var builder = SeriesBuilder(names: .utf8)
    builder.begin()
    builder.appendName(Array(name.utf8).span, from: 0, to: name.utf8.count)
    let tag = Array((label + value).utf8)
    try builder.addTag(
      tag.span, nameFrom: 0, to: label.utf8.count, valueFrom: label.utf8.count, to: tag.count)
    try builder.finish(kind: .histogram)
    #expect(SpelledName.length(in: builder.series.span) == builder.nameLength)
    return String(decoding: builder.series, as: UTF8.self)
  }

  @Test(
    "stays as sent if configured, except names reserved by Weir and Prometheus",
    arguments: [
      ("a.b", "c.d", #""a.b"{"c.d"="v"}"#), ("a", "c", #"a{c="v"}"#),
      ("a{", "}", #""a{"{"}"="v"}"#), ("a", "le", #"a{exported_le="v"}"#),
      ("a", "weir_x.y", #"a{"exported_weir_x.y"="v"}"#), ("a", "__name__", #"a{_name__="v"}"#),
      ("1é", "\"", #""1é"{"\""="v"}"#),
    ])
  func builder(name: String, label: String, expected: String) throws {
    #expect(try build(name, label, "v") == expected)
  }
}
