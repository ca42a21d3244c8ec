import Testing
import WeirJSON

@testable import WeirTerminal

@Suite("Texts of a terminal")
struct TextTests {
  private let style = Style(isUTF8: true, hasColour: false)

  @Test(
    arguments: [
      (0, "0"), (4.25, "4.3"), (0.01, "<0.1"), (99.95, "100"), (522, "522"), (8_528, "8,528"),
      (9_999.6, "10.0 k"), (61_460, "61.5 k"), (192_000, "192 k"), (999_950, "1.00 M"),
      (1.5e9, "1.50 G"),
      (-3, "-3"), (.infinity, "-"), (.nan, "-"),
    ] as [(Double, String)])
  func numbers(_ number: Double, _ text: String) { #expect(ReadableNumber.text(number) == text) }

  @Test(
    arguments: [
      (0, "0 s"), (0.0342, "34 ms"), (0.9999, "1.0 s"), (6.1, "6.1 s"), (42, "42 s"),
      (59.7, "1 min"), (2_100, "35 min"),
      (3_599, "1 h"), (11_400, "3 h 10 min"), (273_600, "3 d 4 h"), (-1, "-"), (.nan, "-"),
    ] as [(Double, String)])
  func durations(_ seconds: Double, _ text: String) {
    #expect(ReadableNumber.duration(seconds: seconds) == text)
  }

  @Test(arguments: [
    ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("😀", 2), ("ａ", 2), ("ｱ", 1), ("", 0), ("한글", 4),
  ])
  func widths(_ text: String, _ width: Int) { #expect(DisplayWidth.of(text) == width) }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"),
    ("abc", 0, ""), ("\u{301}a", 9, "\\u{301}a"),
    ("a\u{301}\u{301}\u{301}\u{301}b", 2, "a\u{301}\u{301}\u{301}b"), ("\u{1b}x", 20, "\\u{1b}x"),
  ])
  func cuts(_ text: String, _ columns: Int, _ cut: String) {
    #expect(DisplayWidth.cut(foreign: text, to: columns, style) == cut)
  }

  @Test(arguments: [
    ("aa bb cc", 5, ["aa bb", "cc"]), ("aa bb cc", 4, ["aa", "bb", "cc"]),
    ("aa bb cc", 8, ["aa bb cc"]), ("a bcdef g", 3, ["a", "bcd", "ef", "g"]), ("", 3, []),
    ("漢字 漢", 6, ["漢字", "漢"]), ("a", 0, []),
  ])
  func wraps(_ text: String, _ columns: Int, _ lines: [String]) {
    #expect(DisplayWidth.wrapped(text, to: columns) == lines)
  }

  @Test func `bars keep their height when new values follow`() {
    // With 20 columns a bar has six values: 0 to 5, 6 to 11, and so on.
    let values = (0..<110).map { Double($0 * 37 % 101) as Double? }
    let first = Sparkline.grouped(Array(values[0..<100]), columns: 20, end: 99)
    for end in 100...101 {
      let next = Sparkline.grouped(Array(values[end - 99...end]), columns: 20, end: end)
      #expect(next.count == first.count)
      #expect(next.dropFirst().dropLast() == first.dropFirst().dropLast())
    }
  }

  @Test func sparklines() {
    #expect(Sparkline.text([0, nil, 1, 7], columns: 6, style) == "  ▁ ▂█")
    #expect(
      Sparkline.text([0.001, 100], columns: 2, Style(isUTF8: false, hasColour: false)) == ".#")
    for count in 0...50 {
      for columns in 0...20 {
        let values = (0..<count).map { Double($0) as Double? }
        #expect(Sparkline.text(values, columns: columns, end: count * 7, style).count == columns)
        #expect(
          Sparkline.grouped(values, columns: columns, end: count).last == values.last
            || columns == 0)
      }
    }
  }

  @Test(
    arguments: [
      ([0x71], [.character("q")]), ([0x1b, 0x5b, 0x41, 0x71], [.other, .character("q")]),
      ([0x1b, 0x4f, 0x42, 0x71], [.other, .character("q")]), ([0x03], [.interrupt]),
      ([0x1a], [.suspend]), ([0x0d], [.other]),
      ([0x1b, 0x5b, 0x31, 0x3b, 0x35, 0x43, 0x70], [.other, .character("p")]),
      ([0xc3, 0xa9], [.character("é")]),
      ([0xff, 0x71], [.other, .character("q")]), ([0x1b, 0x1b, 0x5b, 0x41], [.escape, .other]),
      ([0xe2, 0x82], []),
    ] as [([UInt8], [Key])])
  func keys(_ bytes: [UInt8], _ keys: [Key]) {
    var whole = KeyReader()
    #expect(whole.read(bytes) == keys)
    var pieces = KeyReader()
    #expect(bytes.flatMap { pieces.read([$0]) } == keys)
  }

  @Test func escapeAlone() {
    var reader = KeyReader()
    #expect(reader.read([0x1b]) == [] && reader.isWaiting)
    #expect(reader.flush() == [.escape] && !reader.isWaiting)
    #expect(
      reader.read(Array(repeating: 0x1b, count: 1) + [0x5b] + Array(repeating: 0x31, count: 90))
        == [.other])
  }

  private func line(_ text: String, sender: String = "10.0.0.1:5") throws -> TapLine {
    var json = JSONWriter()
    json.object {
      $0.field("time_ms", 1_790_000_000_001)
      $0.field("sender", sender)
      $0.field("line", text)
    }
    guard case .line(let line)? = TapEvent(try #require(JSONValue(json.bytes))) else {
      throw Missing()
    }
    return line
  }

  private struct Missing: Error {}

  @Test func tapLines() throws {
    let shown = try line("a:1|c|#k:\u{1b}v", sender: "\u{9b}").text(style)
    #expect(shown == "14:13:20.001Z  \\u{9b}  a:1|c|#k:\\u{1b}v")
    for text in [
      "a.b:1|c|#shop:de,x:y", "a.b,shop=de:1|c", "a.b;shop=de:1|c", "a.b#shop=de,x=y:1|c",
      "a.b[shop=de]:1|c",
    ] {
      #expect(
        try line(text).name == "a.b" && line(text).tag("shop") == "de"
          && line(text).tag("no") == nil, "\(text)")
    }
    var count = TapCount(by: .label("shop"))
    for text in ["a:1|c|#shop:de", "a:1|c|#shop:de", "b:1|c|#shop:fr", "c:1|c"] {
      count.add(try line(text))
    }
    #expect(count.text(style).hasPrefix("          2     50 %  de\n          1     25 %  fr\n"))
    #expect(count.text(style).hasSuffix("without shop\n"))
  }

  @Test func `senders are counted without their port`() throws {
    var count = TapCount(by: .sender)
    for sender in ["[2001:db8::1]:5", "[2001:db8::1]:6", "10.0.0.1:5", "/run/a:1"] {
      count.add(try line("a:1|c", sender: sender))
    }
    #expect(count.top.map(\.value) == ["[2001:db8::1]", "/run/a:1", "10.0.0.1"])
    #expect(count.top.map(\.count) == [2, 1, 1])
  }

  @Test func `lines of more values than are told apart are counted as others`() throws {
    var count = TapCount(by: .name)
    for number in 0..<TapCount.valuesMax + 5 { count.add(try line("n\(number):1|c")) }
    let last = count.text(style).split(separator: "\n").last ?? ""
    #expect(last == "      9,985   99.8 %  of 9,980 or more others", "\(last)")
  }
}
