import TestSupport
import Testing
import WeirBytes

@Suite("UTF-8")
struct UTF8ValidationTests {
  private func isUTF8(_ bytes: [UInt8]) -> Bool { bytes.span.isUTF8(from: 0, to: bytes.count) }

  @Test(
    "is well-formed at the edges of each length",
    arguments: [
      "", "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
      "\u{10000}", "\u{10FFFF}", "é", "日本語", "👩‍🚀", "a\u{301}",
    ])
  func wellFormed(text: String) {
    #expect(isUTF8(Array(text.utf8)))
  }

  @Test(
    "is refused if it is overlong, a surrogate, above U+10FFFF or truncated",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2],
      [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82],
      [0xE2, 0x28, 0xA1], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
      [0xF8, 0x88, 0x80, 0x80, 0x80],
      [0xFE], [0xFF], [0x41, 0xFF, 0x41],
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) {
    #expect(!isUTF8(bytes))
    #expect(!isUTF8(Array("before".utf8) + bytes + Array("after".utf8)))
  }

  @Test("is never read after the end of the range, even inside a scalar")
  func range() {
    let bytes = Array("aé日😀".utf8)
    var ends: Set<Int> = [0]
    for scalar in "aé日😀".unicodeScalars { ends.insert(ends.max()! + scalar.utf8.count) }
    for start in ends {
      for end in start...bytes.count where end >= start {
        let answer = bytes.span.isUTF8(from: start, to: end)
        #expect(answer == ends.contains(end))
      }
    }
  }

  @Test("is validated like in the standard library", arguments: [21, 22] as [UInt64])
  func random(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let scalars = Array("aZ0|:é߿ࠀ日퟿￿😀\u{10FFFF}".unicodeScalars)
    for _ in 0..<30_000 {
      var bytes: [UInt8]
      if generator.oneIn(4) {
        let leads: [UInt8] = [0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5]
        bytes = (0..<Int.random(in: 1...6, using: &generator)).map { _ in generator.pick(leads) }
      } else {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
          text.append(generator.pick(scalars))
        }
        bytes = Array(String(text).utf8)
        if generator.oneIn(2) {
          bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
            in: 0...255, using: &generator)
        }
        if generator.oneIn(3) { bytes.remove(at: Int.random(in: bytes.indices, using: &generator)) }
      }
      let expected = String(validating: bytes, as: UTF8.self) != nil
      if isUTF8(bytes) != expected { Issue.record("seed \(seed): \(bytes) should be \(expected)") }
    }
  }

  @Test("has the correct length of each scalar")
  func scalarLength() {
    for (text, length) in [("a", 1), ("é", 2), ("日", 3), ("😀", 4)] {
      let bytes = Array(text.utf8)
      let whole = bytes.span.scalarLength(at: 0, to: bytes.count)
      #expect(whole == length)
      guard length > 1 else { continue }
      let cut = bytes.span.scalarLength(at: 0, to: bytes.count - 1)
      #expect(cut == 0)
    }
  }
}
