import Testing
import WeirJSON

@Suite("JSON")
struct JSONTests {
  private func text(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    body(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test("commas are between values, and nowhere else")
  func commas() {
    let written = text { json in
      json.object { json in
        json.field("a", 1)
        json.key("b")
        json.array([1, 2]) { json, number in
          json.object { $0.field("n", number) }
        }
        json.key("c")
        json.array([Int]()) { $0.value($1) }
        json.key("d")
        json.object { _ in }
        json.field("e", true)
        json.field("f", Double?.none)
      }
    }
    #expect(written == #"{"a":1,"b":[{"n":1},{"n":2}],"c":[],"d":{},"e":true,"f":null}"#)
  }

  @Test(
    "numbers are as short as they can be, and never something else than JSON",
    arguments: [
      (0.0, "0"), (-0.0, "0"), (3, "3"), (0.5, "0.5"), (1e14, "100000000000000"), (1e300, "1e+300"),
      (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
    ])
  func numbers(number: Double, written: String) {
    #expect(text { $0.value(number) } == written)
  }

  @Test("foreign bytes become a text that can be read again")
  func foreign() {
    let bytes: [UInt8] = Array("a\"\\\n\u{7}\u{7f}é\u{202e}🙂".utf8) + [0xff, 0xc3, 0x28]
    let written = text { $0.value(foreign: bytes) }
    #expect(!written.utf8.contains { $0 < 0x20 })
    #expect(
      JSONValue(Array(written.utf8)) == .text("a\"\\\n\u{7}\u{7f}é\u{202e}🙂\\xff\\xc3("))
  }

  @Test(
    "values are read",
    arguments: [
      (
        #" {"a":[1,-2.5e1,true,false,null,"x"]} "#,
        JSONValue.object([
          "a": .array([.number(1), .number(-25), .flag(true), .flag(false), .null, .text("x")])
        ])
      ),
      (#""\ud83d\ude42\u00e9\/\b\f\n\r\t\"\\""#, .text("🙂é/\u{8}\u{c}\n\r\t\"\\")),
      ("[]", .array([])), ("{}", .object([:])), (#"{"a":1,"a":2}"#, .object(["a": .number(2)])),
    ])
  func values(text: String, value: JSONValue) {
    #expect(JSONValue(Array(text.utf8)) == value)
  }

  @Test(
    "what is not JSON is refused",
    arguments: [
      "", "[1,]", "{\"a\" 1}", "{a:1}", "[1 2]", "01", "-", "1.", ".5", "1e", "+1", "NaN", "tru",
      "\"\n\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"a", "[", "{\"a\":1", "1 2",
      "1e999",
      "\"\\u+123\"",
    ])
  func refused(text: String) {
    #expect(JSONValue(Array(text.utf8)) == nil)
  }

  @Test("bytes that are not UTF-8 are refused, and so is what is nested too deeply")
  func hostile() {
    #expect(JSONValue([0x22, 0xff, 0x22]) == nil)
    let depth = JSONValue.depthMax
    func nested(_ count: Int) -> [UInt8] {
      [UInt8](repeating: 0x5b, count: count) + [UInt8](repeating: 0x5d, count: count)
    }
    #expect(JSONValue(nested(depth)) != nil)
    #expect(JSONValue(nested(depth + 1)) == nil)
    #expect(JSONValue([UInt8](repeating: 0x5b, count: 1_000_000)) == nil)
  }

  @Test("a missing field is null, and a number is an integer only if it is one")
  func access() {
    let json = JSONValue(Array(#"{"n":3,"x":3.5,"t":"a","f":true}"#.utf8))
    #expect(json?["n"].integer == 3)
    #expect(json?["x"].integer == nil)
    #expect(json?["missing"]["deeper"] == .null)
    #expect(json?["t"].text == "a")
    #expect(json?["f"].flag == true)
  }
}
