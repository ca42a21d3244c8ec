// Safety: each unchecked read follows a comparison with `count` in the same function, except in
// `uncheckedWord`, whose callers (all in this module) compare.

extension Span<UInt8> {
  /// The eight bytes at `index` as a little-endian word.
  ///
  /// - Precondition: `0 <= index`, and `index + 8 <= count`.
  @inlinable
  package func word(at index: Int) -> UInt64 {
    precondition(index >= 0 && index &+ 8 <= count)
    // Safety: the precondition ensures that all eight bytes are in the span.
    return unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
  }

  /// The four bytes at `index` as a little-endian word.
  ///
  /// - Precondition: `0 <= index`, and `index + 4 <= count`.
  @inlinable
  package func halfWord(at index: Int) -> UInt32 {
    precondition(index >= 0 && index &+ 4 <= count)
    // Safety: the precondition ensures that all four bytes are in the span.
    return unsafe UInt32(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt32.self))
  }

  /// Whether the `length` bytes at `start` equal those of `other` at `otherStart`. False if either
  /// range is out of bounds.
  ///
  /// - Complexity: O(`length`), eight bytes per step.
  @inlinable
  @inline(__always)
  package func matches(
    at start: Int, _ other: Span<UInt8>, at otherStart: Int, length: Int
  ) -> Bool {
    guard start >= 0, otherStart >= 0, length >= 0, start &+ length <= count,
      otherStart &+ length <= other.count
    else { return false }
    var offset = 0
    while offset &+ 8 <= length {
      // The guard ensures that both words are in their spans.
      if uncheckedWord(at: start &+ offset) != other.uncheckedWord(at: otherStart &+ offset) {
        return false
      }
      offset &+= 8
    }
    if offset == length { return true }
    // The last word overlaps bytes that have been compared already.
    if length >= 8 {
      let last = length &- 8
      return uncheckedWord(at: start &+ last) == other.uncheckedWord(at: otherStart &+ last)
    }
    while offset < length {
      if self[start &+ offset] != other[otherStart &+ offset] { return false }
      offset &+= 1
    }
    return true
  }

  /// The eight bytes at `index` as a little-endian word, without a bounds check. The caller must
  /// have compared `index + 8` with `count`.
  @inlinable
  @inline(__always)
  func uncheckedWord(at index: Int) -> UInt64 {
    // Safety: all callers are in this module and have compared the index.
    unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index, as: UInt64.self))
  }
}

extension Span<UInt8> {
  /// Whether these bytes sort before `other` in lexicographic order. A prefix sorts before longer
  /// spans.
  ///
  /// - Complexity: O(common prefix), eight bytes per step.
  package func precedes(_ other: Span<UInt8>) -> Bool {
    let common = Swift.min(count, other.count)
    var index = 0
    while index &+ 8 <= common {
      let left = word(at: index)
      let right = other.word(at: index)
      if left != right { return left.byteSwapped < right.byteSwapped }
      index &+= 8
    }
    while index < common {
      if self[index] != other[index] { return self[index] < other[index] }
      index &+= 1
    }
    return count < other.count
  }
}
