import TestSupport
import Testing
import WeirBytes

@Suite("Search by words")
struct ByteSearchTests {
  /// Bytes that differ from the pattern by one bit, by one or by a borrow, for which a wrong
  /// implementation fails.
  private let neighbours: [UInt8] = [
    0x00, 0x01, 0x0A, 0x0B, 0x09, 0x7C, 0x7D, 0x7B, 0x80, 0x8A, 0xFC, 0xFF,
  ]

  @Test(
    "finds the same as a loop, for every start and end",
    arguments: [0x0A, 0x7C, 0x00, 0x80, 0xFF] as [UInt8])
  func firstIndex(byte: UInt8) {
    var generator = SeededGenerator(seed: UInt64(byte) + 1)
    let pattern = BytePattern(byte)
    for length in 0...40 {
      for density in [2, 9, 60] {
        let bytes = (0..<length).map { _ in
          generator.oneIn(density) ? byte : generator.pick(neighbours)
        }
        for start in 0...length {
          for end in start...length {
            let found = bytes.span.firstIndex(of: pattern, from: start, to: end)
            let expected = bytes[start..<end].firstIndex(of: byte) ?? end
            if found != expected {
              Issue.record("\(byte) in \(bytes)[\(start)..<\(end)]: \(found), not \(expected)")
            }
          }
        }
      }
    }
  }

  @Test("finds the end of a line, and always detects a byte above 127")
  func lineEnd() {
    var generator = SeededGenerator(seed: 11)
    for length in 0...40 {
      for density in [3, 20, 100] {
        let bytes = (0..<length).map { _ in
          generator.oneIn(density)
            ? generator.pick([0x0A, 0x0A, 0x80, 0xFF, 0x8A])
            : UInt8.random(in: 0...127, using: &generator)
        }
        for start in 0...length {
          for end in start...length {
            let found = bytes.span.lineEnd(from: start, to: end)
            let expected = bytes[start..<end].firstIndex(of: 0x0A) ?? end
            #expect(found.end == expected, "\(bytes)[\(start)..<\(end)]")
            let isASCII = bytes[start..<expected].allSatisfy { $0 < 0x80 }
            if !isASCII { #expect(found.mayBeNonASCII, "\(bytes)[\(start)..<\(end)]") }
            if bytes.allSatisfy({ $0 < 0x80 }) { #expect(!found.mayBeNonASCII) }
          }
        }
      }
    }
  }

  @Test("compares ranges like a loop, and treats ranges out of bounds as different")
  func matches() {
    var generator = SeededGenerator(seed: 12)
    for length in 0...33 {
      let left = generator.bytes(count: 40)
      for start in 0...7 {
        for otherStart in 0...7 {
          var right = generator.bytes(count: 40)
          for offset in 0..<length { right[otherStart + offset] = left[start + offset] }
          #expect(left.hasSame(start, as: right, at: otherStart, length: length))
          for offset in 0..<length {
            right[otherStart + offset] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            #expect(!left.hasSame(start, as: right, at: otherStart, length: length))
            right[otherStart + offset] = left[start + offset]
          }
        }
      }
    }
    let bytes: [UInt8] = [1, 1, 1]
    #expect(bytes.hasSame(3, as: bytes, at: 3, length: 0))
    #expect(!bytes.hasSame(1, as: bytes, at: 0, length: 3))
    #expect(!bytes.hasSame(0, as: bytes, at: 1, length: 3))
    #expect(!bytes.hasSame(-1, as: bytes, at: 0, length: 1))
    #expect(!bytes.hasSame(0, as: bytes, at: 0, length: -1))
  }

  @Test("reads words in little-endian order at every index")
  func words() {
    let bytes = (0..<20).map { UInt8($0 * 13) }
    for index in 0...12 {
      let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[index + $1]) << UInt64(8 * $1) }
      let read = bytes.span.word(at: index)
      #expect(read == word)
    }
    for index in 0...16 {
      let half = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
      let read = bytes.span.halfWord(at: index)
      #expect(read == half)
    }
  }

  @Test("orders like a comparison of bytes")
  func precedes() {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<20_000 {
      let common = generator.bytes(count: Int.random(in: 0...20, using: &generator))
      let alphabet: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF]
      let left =
        common
        + (0..<Int.random(in: 0...10, using: &generator)).map { _ in generator.pick(alphabet) }
      let right =
        common
        + (0..<Int.random(in: 0...10, using: &generator)).map { _ in generator.pick(alphabet) }
      let expected = left.lexicographicallyPrecedes(right)
      if left.span.precedes(right.span) != expected { Issue.record("\(left) and \(right)") }
    }
  }
}

extension [UInt8] {
  fileprivate func hasSame(
    _ start: Int, as other: [UInt8], at otherStart: Int, length: Int
  ) -> Bool {
    span.matches(at: start, other.span, at: otherStart, length: length)
  }
}
