import TestSupport
import Testing

@testable import WeirBytes

@Suite("Search in lanes")
struct LaneSearchTests {
  @Test("finds the first of two bytes, for every start and end", arguments: 0..<8)
  func finds(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let count = Int.random(in: 0...70, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0x38...0x7F, using: &generator) }
      let start = Int.random(in: 0...count, using: &generator)
      let end = Int.random(in: start...count, using: &generator)
      var seen: UInt64 = 0
      let found = bytes.span.firstIndex(
        ofEither: 0x3A, 0x7C, from: start, to: end, seen: &seen)
      let expected = bytes[start..<end].firstIndex { $0 == 0x3A || $0 == 0x7C } ?? end
      #expect(found == expected, "\(bytes), \(start)..<\(end)")
      #expect(seen == 0)
    }
  }

  @Test("detects every byte above 127 before the result", arguments: 0..<60)
  func sees(position: Int) {
    for count in [60, 63, 64, 75, 91, 92, 123, 124] {
      var bytes = [UInt8](repeating: 0x61, count: count)
      bytes[59] = 0x7C
      bytes[position] = position == 59 ? 0x7C : 0x80
      var seen: UInt64 = 0
      let found = bytes.span.firstIndex(ofEither: 0x7C, 0x0A, from: 0, to: count, seen: &seen)
      #expect(found == 59)
      #expect((seen != 0) == (position != 59))
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `the end of a name is found for every start and end`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let name = Array("azAZ09_:".utf8)
    let others: [UInt8] = Array("@[`{/;.^\"".utf8) + [0, 0x80, 0xC1, 0xDF, 0xFF]
    for _ in 0..<400 {
      let count = Int.random(in: 0...100, using: &generator)
      let bytes = (0..<count).map { _ in
        (Int.random(in: 0..<40, using: &generator) > 0 ? name : others)
          .randomElement(using: &generator)!
      }
      let start = Int.random(in: 0...count, using: &generator)
      let end = Int.random(in: start...count, using: &generator)
      for more in Array("_:".utf8) {
        let found = bytes.span.nameEnd(from: start, to: end, more: more)
        let letters = name.dropLast() + [more]
        let expected = bytes[start..<end].firstIndex { !letters.contains($0) } ?? end
        #expect(found == expected, "\(bytes), \(start)..<\(end)")
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `newlines are counted, and empty lines found, for every start and end`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<600 {
      let count = Int.random(in: 0...100, using: &generator)
      let rarity = generator.pick([3, 12, 60])
      let bytes: [UInt8] = (0..<count).map { _ in generator.oneIn(rarity) ? 0x0A : 0x61 }
      let start = Int.random(in: 0...count, using: &generator)
      let end = Int.random(in: start...count, using: &generator)
      let found = bytes.span.newlines(from: start, to: end)
      // What follows the last newline is no line that has ended.
      let lines = bytes[start..<end].split(separator: 0x0A, omittingEmptySubsequences: false)
      #expect(found.count == lines.count - 1, "\(bytes), \(start)..<\(end)")
      #expect(
        found.hasEmptyLine == lines.dropLast().contains { $0.isEmpty },
        "\(bytes), \(start)..<\(end)")
    }
  }

  @Test(
    "parses a plain number and returns its end",
    arguments: [
      ("0", 0.0), ("7", 7), ("42|c", 42), ("0.5|ms", 0.5), (".25", 0.25), ("3.|g", 3),
      ("123456789012345", 123_456_789_012_345), ("1234567.1234567|", 1_234_567.1234567),
      ("00012", 12), ("9.99:1", 9.99), ("1.5.2", 1.5),
    ])
  func plain(text: String, value: Double) throws {
    let bytes = Array(text.utf8)
    let found = bytes.span.plainDecimal(from: 0, to: bytes.count)
    let number = try #require(found)
    #expect(number.value == value)
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let end = text == "1.5.2" ? 3 : digits.utf8.count
    #expect(number.end == end)
    let exact = try bytes.span.decimal(from: 0, to: number.end)
    #expect(exact == number.value)
  }

  @Test(
    "does not parse other forms",
    arguments: ["", "|", ".", "-1", "+1", "e5", "1234567890123456", "12345678.12345678", "nan"])
  func unusual(text: String) {
    let bytes = Array(text.utf8)
    let found = bytes.span.plainDecimal(from: 0, to: bytes.count)
    #expect(found == nil)
  }
}
