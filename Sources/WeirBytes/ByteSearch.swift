/// A byte repeated in all eight lanes of a word, to compare eight bytes at once.
///
/// This is the usual method for finding a zero byte in a word. After XOR with the pattern, a lane
/// that matches is zero, and `(x - 0x01…) & ~x & 0x80…` has its lowest set bit in the first such
/// lane. Higher lanes may be wrong because the subtraction borrows, so only the lowest bit is used.
///
/// ```
/// word       61 62 0A 63 0A 64 65 66       searched for 0A; the first byte is the lowest lane
/// XOR 0A…    6B 68 00 69 00 6E 6F 6C
/// result     00 00 80 00 80 00 00 00       the first match is in lane 2
/// ```
@usableFromInline
package struct BytePattern: Sendable {
  @usableFromInline let lanes: UInt64

  @inlinable
  package init(_ byte: UInt8) {
    lanes = 0x0101_0101_0101_0101 &* UInt64(byte)
  }

  /// Zero if no lane of `word` has the byte; otherwise its lowest set bit is in the first lane that
  /// has.
  @inlinable
  func matches(in word: UInt64) -> UInt64 {
    let difference = word ^ lanes
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }
}

extension Span<UInt8> {
  /// The index of the first `pattern` in `start..<end`, or `end`.
  ///
  /// Up to seven bytes after `end` may be read if they are in the span; they do not affect the
  /// result.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), eight bytes per step.
  @inlinable
  package func firstIndex(of pattern: BytePattern, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end && index &+ 8 <= count {
      let hits = pattern.matches(in: word(at: index))
      if hits != 0 { return Swift.min(index &+ hits.trailingZeroBitCount &>> 3, end) }
      index &+= 8
    }
    let byte = UInt8(truncatingIfNeeded: pattern.lanes)
    while index < end {
      if self[index] == byte { return index }
      index &+= 1
    }
    return end
  }

  /// The end of the line that starts at `start`, and whether the line may contain a byte above 127.
  ///
  /// `mayBeNonASCII` is never wrongly false. It can be wrongly true because of bytes after the line
  /// that share its last word.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(length of the line), eight bytes per step.
  @inlinable
  package func lineEnd(from start: Int, to end: Int) -> (end: Int, mayBeNonASCII: Bool) {
    let newline = BytePattern(0x0A)
    var seen: UInt64 = 0
    var index = start
    while index < end && index &+ 8 <= count {
      let lanes = word(at: index)
      seen |= lanes
      let hits = newline.matches(in: lanes)
      if hits != 0 {
        return (
          Swift.min(index &+ hits.trailingZeroBitCount &>> 3, end),
          seen & 0x8080_8080_8080_8080 != 0
        )
      }
      index &+= 8
    }
    while index < end {
      let byte = self[index]
      if byte == 0x0A { break }
      seen |= UInt64(byte)
      index &+= 1
    }
    return (Swift.min(index, end), seen & 0x8080_8080_8080_8080 != 0)
  }
}
