import TestSupport
import Testing

@testable import WeirMetrics

@Suite("A selector of series")
struct SeriesSelectorTests {
  @Test(
    "matches by the name and by labels",
    arguments: [
      ("a", "a", true), ("a", "ab", false), ("a*", "ab", true), ("a", #"a{x="1"}"#, true),
      (#"a{x="1"}"#, #"a{x="1"}"#, true), (#"a{x="1"}"#, #"a{x="2"}"#, false),
      (#"a{x="1"}"#, "a", false), (#"a{x=""}"#, "a", true), (#"a{x!=""}"#, "a", false),
      (#"{x!=""}"#, "a", false), (#"{x!="",y!="2"}"#, #"a{x="1"}"#, true),
      (#"a{x!=""}"#, #"a{x="1"}"#, true), (#"a{y="2*"}"#, #"a{x="1",y="23"}"#, true),
      (#"a{y="2*",x!="1"}"#, #"a{x="1",y="23"}"#, false),
      (#"{x="1"}"#, #"b{w="0",x="1"}"#, true), (#"{x="1",}"#, #"b{x="1"}"#, true),
      (#" a { x = "1" } "#, #"a{x="1"}"#, true), (#"*{x="1"}"#, #"b{x="1"}"#, true),
      (#"a{x="\"\\\n"}"#, #"a{x="\"\\\n"}"#, true), (#"a{x="n"}"#, #"a{x="\n"}"#, false),
      (#"a{x="1"}"#, #"a{y="\\",x="1"}"#, true), (#"a{x="*,y=*"}"#, #"a{x="1,y=2",y="3"}"#, true),
      (#"{"http.requests"}"#, #""http.requests""#, true),
      (#"{"http.*",method="GET"}"#, #""http.requests"{method="GET"}"#, true),
      (#"{"a",method="GET"}"#, #"a{method="GET"}"#, true),
      (#"{"a\"b"}"#, #""a\"b""#, true), (#"{"a{b"}"#, #""a{b"{x="1"}"#, true),
      (#"a{"k.v"="1"}"#, #"a{"k.v"="1"}"#, true), (#"a{"k"="1"}"#, #"a{k="1"}"#, true),
      (#"a{x="ü*"}"#, #"a{x="über"}"#, true), ("x:y", "x:y", true),
    ])
  func matches(selector: String, series: String, isMatch: Bool) throws {
    #expect(try SeriesSelector(selector).matches(Array(series.utf8)) == isMatch)
    #expect(try SeriesSelector(selector).description == selector)
  }

  private static let all =
    "the selector matches series without any value; name a metric, or a value that a label must have"
  private static let empty =
    #"the selector is empty; write one such as requests_total{host="a*"}"#

  @Test(
    "reports a mistake, and at which character it is",
    arguments: [
      ("", empty), ("  ", empty), ("{}", all), ("*", all), ("***{}", all), (#"{x="*"}"#, all),
      (#"{"*"}"#, all), (#"{x=""}"#, all), (#"{x!="1"}"#, all), (#"*{x!="1",y="*"}"#, all),
      ("a{", #"3: the braces are not closed; write } at the end"#),
      ("a{x", #"4: = or != is missing after the label; write label="value""#),
      ("a{x=", #"5: the value of x is not in quotes; write x="value""#),
      ("a{x=1}", #"5: the value of x is not in quotes; write x="value""#),
      (#"a{x="1"#, #"5: the quotes are not closed; write " at the end of the text"#),
      (#"a{x="1\"#, #"5: the quotes are not closed; write " at the end of the text"#),
      (#"a{x="1""#, #"8: the braces are not closed; write } at the end"#),
      (#"a{x="\d"}"#, #"6: \d is not an escape; write \\ for a backslash"#),
      (#"a{x=~"1"}"#, "4: there are no regular expressions; use = or != and * for any characters"),
      (#"a{x!~"1"}"#, "5: there are no regular expressions; use = or != and * for any characters"),
      (#"a{x="1" y="2"}"#, #"9: y is neither a comma nor a brace; write , or } here"#),
      (#"a{x="1"}b"#, "9: b comes after the selector; leave it out"),
      (#"a{"b"}"#, "3: there is a second name; leave it out"),
      (#"{"a","b"}"#, "6: there is a second name; leave it out"),
      (#"{,}"#, #"2: , does not begin a label; write label="value""#),
      (#"{""="1"}"#, "2: the label is empty; write its name"),
      (#"{__name__="a"}"#, "2: __name__ is not a label here; write the name before the braces"),
      ("a.b", #"2: . cannot be in a name without quotes; write the name as {"name"}"#),
      ("a b", #"3: b cannot be in a name without quotes; write the name as {"name"}"#),
      ("ü", #"1: ü cannot be in a name without quotes; write the name as {"name"}"#),
      (
        "a\n",
        #"2: a control character cannot be in a name without quotes; write the name as {"name"}"#
      ),
    ])
  func mistakes(selector: String, sentence: String) {
    let error = #expect(throws: SelectorMistake.self) { try SeriesSelector(selector) }
    let expected =
      sentence.first?.isNumber == true
      ? "the selector is wrong at character \(sentence)" : sentence
    #expect(error?.description == expected)
  }

  @Test("has limits")
  func limits() throws {
    let most = (1...64).map { "l\($0)=\"1\"" }.joined(separator: ",")
    #expect(try SeriesSelector("a{\(most)}").matchers.count == 64)
    var error = #expect(throws: SelectorMistake.self) { try SeriesSelector("a{\(most),x=\"1\"}") }
    #expect(
      error?.description.hasSuffix("there are more than 64 labels; leave some out") == true)
    error = #expect(throws: SelectorMistake.self) {
      try SeriesSelector(String(repeating: "a", count: 8_193))
    }
    #expect(
      error?.description == "the selector has 8193 bytes; write one of at most 8192")
  }

  @Test("any text is read or refused, and never traps", arguments: 0..<10)
  func random(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var read = 0
    for _ in 0..<2_000 {
      let text = String(
        (0..<Int.random(in: 0...9, using: &generator)).map { _ in
          #"ab*{}="\,!~ n"#.randomElement(using: &generator) ?? "a"
        })
      guard let selector = try? SeriesSelector(text) else { continue }
      read += 1
      _ = selector.matches(Array(#"a{b="a\\\"",n="b"}"#.utf8))
    }
    #expect(read > 20)
  }
}
