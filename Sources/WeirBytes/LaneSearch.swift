// Safety: 32 bytes are read unchecked only behind a comparison with `count` in the same function.

import CIntrinsics

extension Span<UInt8> {
  /// The index of the first `left` or `right` in `start..<end`, or `end`.
  ///
  /// Bytes between `end` and the end of the span may be read, never reported.
  ///
  /// - Parameter seen: Not zero any more if a byte before the index found is above 127. One behind
  ///   may have the same effect.
  /// - Complexity: O(`end - start`), 32 bytes a step.
  @inlinable
  @inline(__always)
  package func firstIndex(
    ofEither left: UInt8, _ right: UInt8, from start: Int, to end: Int, seen: inout UInt64
  ) -> Int {
    var index = start
    while index < end && index &+ 32 <= count {
      // Safety: the loop's condition keeps all 32 bytes inside the span.
      let found = unsafe bytes.withUnsafeBytes {
        unsafe weir_either($0.baseAddress! + index, left, right)
      }
      seen |= found &>> 32
      let hits = UInt32(truncatingIfNeeded: found)
      if hits != 0 { return Swift.min(index &+ hits.trailingZeroBitCount, end) }
      index &+= 32
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
    return (Double(mantissa, places: index &- point &- 1), index)
  }
}
