/// One byte repeated in each lane of a word, so that eight bytes are compared at once.
///
/// The trick is the usual one for finding a zero byte in a word: after an exclusive or with the
/// pattern, `(x - 0x01…) & ~x & 0x80…` has its lowest set bit in the first lane that was zero.
/// Lanes above it may be wrong, so only the lowest is used.
@usableFromInline
package struct BytePattern: Sendable {
  @usableFromInline let lanes: UInt64

  @inlinable
  package init(_ byte: UInt8) {
    lanes = 0x0101_0101_0101_0101 &* UInt64(byte)
  }

  /// A word that is zero when no lane of `word` holds the byte, and otherwise has its lowest set
  /// bit in the first lane that does.
  @inlinable
  func matches(in word: UInt64) -> UInt64 {
    let difference = word ^ lanes
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }
}

extension Span<UInt8> {
  /// The index of the first `pattern` in `start..<end`, or `end`.
  ///
  /// Bytes between `end` and the end of the span may be read, never reported.
  /// - Complexity: O(`end - start`), eight bytes a step.
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

  /// The end of the line that begins at `start`, and whether the line may hold a byte above 127.
  ///
  /// The second answer errs on the side of true: a neighbour that shares the line's last word
  /// can raise it.
  /// - Complexity: O(line), eight bytes a step.
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
