// Safety: 32 bytes are read unchecked only after a comparison with `count` in the same function.

// 32 bytes are compared at once, each in a lane of its own:
//
//   bytes       r o u t e : 1 2 | c \n …    32 lanes, searched for ':' and '\n'
//   hits        0 0 0 0 0 1 0 0 0 0 1  …    bit i is set if lane i is one of the two bytes
//   non-ASCII   0 0 0 0 0 0 0 0 0 0 0  …    bit i is set if lane i is above 127
//
// `weir_either` returns both as one word: hits in the lower 32 bits, non-ASCII in the upper. The
// number of trailing zeros of the hits is the lane of the first match.

import CIntrinsics

extension Span<UInt8> {
  /// The index of the first `left` or `right` in `start..<end`, or `end`.
  ///
  /// Up to 31 bytes after `end` may be read if they are in the span; they do not affect the result.
  ///
  /// - Parameter seen: Set to a nonzero value if a byte before the result is above 127. Bytes after
  ///   the result can have the same effect.
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), 32 bytes per step.
  @inlinable
  @inline(__always)
  package func firstIndex(
    ofEither left: UInt8, _ right: UInt8, from start: Int, to end: Int, seen: inout UInt64
  ) -> Int {
    var index = start
    while index < end && index &+ 32 <= count {
      // Safety: the loop's condition ensures that all 32 bytes are in the span.
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

  /// The index of the first byte in `start..<end` that is none of letters, digits, `_` and `more`, or
  /// `end`.
  ///
  /// Up to 31 bytes after `end` may be read if they are in the span; they do not affect the result.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), 32 bytes per step.
  @inlinable
  @inline(__always)
  package func nameEnd(from start: Int, to end: Int, more: UInt8 = UInt8(ascii: "_")) -> Int {
    var index = start
    while index < end && index &+ 32 <= count {
      // Safety: the loop's condition ensures that all 32 bytes are in the span.
      let others = unsafe bytes.withUnsafeBytes {
        unsafe ~weir_name_bytes($0.baseAddress! + index, more)
      }
      if others != 0 { return Swift.min(index &+ others.trailingZeroBitCount, end) }
      index &+= 32
    }
    while index < end {
      switch self[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), more:
        index &+= 1
      default: return index
      }
    }
    return end
  }

  /// Counts the newlines in `start..<end`, and looks for an empty line: a newline at `start`, or one that
  /// follows another.
  ///
  /// Up to 31 bytes after `end` may be read if they are in the span; they do not affect the result.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), 32 bytes per step.
  package func newlines(from start: Int, to end: Int) -> (count: Int, hasEmptyLine: Bool) {
    let newline = UInt8(ascii: "\n")
    var found = 0
    var empty: UInt32 = 0
    // Whether the byte before is a newline, in the lowest bit.
    var before: UInt32 = 1
    var index = start
    while index < end && index &+ 32 <= count {
      // Safety: the loop's condition ensures that all 32 bytes are in the span.
      let lanes = unsafe bytes.withUnsafeBytes {
        unsafe weir_either($0.baseAddress! + index, newline, newline)
      }
      var hits = UInt32(truncatingIfNeeded: lanes)
      if end &- index < 32 { hits &= (1 &<< UInt32(end &- index)) &- 1 }
      found &+= hits.nonzeroBitCount
      empty |= hits & (hits &<< 1 | before)
      before = hits &>> 31
      index &+= 32
    }
    while index < end {
      let hit: UInt32 = self[index] == newline ? 1 : 0
      found &+= Int(hit)
      empty |= hit & before
      before = hit
      index &+= 1
    }
    return (found, empty != 0)
  }

  /// The number that starts at `start`, and its end.
  ///
  /// Only `digits [. digits]` with at most 15 characters, which one exact division converts (see
  /// `decimal`). The caller checks what follows. Nil for all other forms, valid or not.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
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
    return (Double(mantissa: mantissa, decimalPlaces: index &- point &- 1), index)
  }
}
