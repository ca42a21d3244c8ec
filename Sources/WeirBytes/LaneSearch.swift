// Safety: sixteen bytes are read unchecked only behind a comparison with `count` in the same
// function.

/// Sixteen bytes that are compared at once.
@usableFromInline
typealias Lanes = SIMD16<UInt8>

extension Span<UInt8> {
  /// The index of the first `left` or `right` in `start..<end`, or `end`.
  ///
  /// Bytes between `end` and the end of the span may be read, never reported.
  ///
  /// - Parameter seen: Takes in the high bit of every byte that was read: zero there means that
  ///   all of them are ASCII. A neighbour behind the index found may raise it.
  /// - Complexity: O(`end - start`), sixteen bytes a step.
  @inlinable
  @inline(__always)
  package func firstIndex(
    ofEither left: UInt8, _ right: UInt8, from start: Int, to end: Int, seen: inout UInt64
  ) -> Int {
    let lefts = Lanes(repeating: left)
    let rights = Lanes(repeating: right)
    var index = start
    while index < end && index &+ 16 <= count {
      // Safety: the loop's condition keeps all sixteen bytes inside the span.
      let lanes = unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index, as: Lanes.self)
      let halves = unsafe unsafeBitCast(lanes, to: SIMD2<UInt64>.self)
      seen |= (halves.x | halves.y) & 0x8080_8080_8080_8080
      let hits = unsafe unsafeBitCast(
        (lanes .== lefts) .| (lanes .== rights), to: SIMD2<UInt64>.self)
      if hits.x != 0 {
        return Swift.min(index &+ UInt64(littleEndian: hits.x).trailingZeroBitCount &>> 3, end)
      }
      if hits.y != 0 {
        return Swift.min(
          index &+ 8 &+ UInt64(littleEndian: hits.y).trailingZeroBitCount &>> 3, end)
      }
      index &+= 16
    }
    while index < end {
      let byte = self[index]
      if byte == left || byte == right { return index }
      seen |= UInt64(byte & 0x80)
      index &+= 1
    }
    return end
  }

  /// The number whose digits begin at `start`, and where they end.
  ///
  /// Only `digits [. digits]` of at most 15 digits, which is exact in one division (see `decimal`);
  /// whatever follows is the caller's to judge. Nil for any other form, right or wrong.
  /// - Complexity: O(digits).
  @inlinable
  @inline(__always)
  package func plainDecimal(from start: Int, to end: Int) -> (value: Double, end: Int)? {
    var index = start
    var mantissa: UInt64 = 0
    var point = -1
    while index < end {
      let digit = self[index] &- UInt8(ascii: "0")
      if digit <= 9 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
      } else if digit == UInt8(ascii: ".") &- UInt8(ascii: "0"), point < 0 {
        point = index
      } else {
        break
      }
      index &+= 1
    }
    let length = index &- start
    guard length > 0, length <= 15 else { return nil }
    guard point >= 0 else { return (Double(mantissa), index) }
    guard length > 1 else { return nil }
    return (Double(mantissa) / exactPowersOfTen[index &- point &- 1], index)
  }
}
