// Safety: the unchecked reads below are each behind a comparison with `count` in the same
// function, or, where a caller vouches for the index, behind a precondition that says so.

extension Span<UInt8> {
  /// The eight bytes from `index` on as one little-endian word.
  ///
  /// - Precondition: `index + 8 <= count`.
  @inlinable
  package func word(at index: Int) -> UInt64 {
    precondition(index >= 0 && index &+ 8 <= count)
    // Safety: the precondition keeps all eight bytes inside the span.
    return unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
  }

  /// The four bytes from `index` on as one little-endian word.
  ///
  /// - Precondition: `index + 4 <= count`.
  @inlinable
  package func halfWord(at index: Int) -> UInt32 {
    precondition(index >= 0 && index &+ 4 <= count)
    // Safety: the precondition keeps all four bytes inside the span.
    return unsafe UInt32(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt32.self))
  }

  /// Whether `length` bytes here and `length` bytes there are the same.
  ///
  /// - Complexity: O(`length`), eight bytes a step.
  @inlinable
  @inline(__always)
  package func matches(
    _ start: Int, _ other: Span<UInt8>, at otherStart: Int, length: Int
  ) -> Bool {
    guard start >= 0, otherStart >= 0, length >= 0, start &+ length <= count,
      otherStart &+ length <= other.count
    else { return false }
    var offset = 0
    while offset &+ 8 <= length {
      // The guard keeps both words inside their spans.
      if vouchedWord(at: start &+ offset) != other.vouchedWord(at: otherStart &+ offset) {
        return false
      }
      offset &+= 8
    }
    if offset == length { return true }
    // What is left is compared together with bytes before it, which were found the same.
    if length >= 8 {
      let last = length &- 8
      return vouchedWord(at: start &+ last) == other.vouchedWord(at: otherStart &+ last)
    }
    while offset < length {
      if self[start &+ offset] != other[otherStart &+ offset] { return false }
      offset &+= 1
    }
    return true
  }

  /// The eight bytes from `index` on as one little-endian word, for whoever has compared `index + 8`
  /// with `count`.
  @inlinable
  @inline(__always)
  func vouchedWord(at index: Int) -> UInt64 {
    // Safety: the callers vouch for the index. All of them are in this module.
    unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index, as: UInt64.self))
  }
}

extension Span<UInt8> {
  /// Whether these bytes sort before `other`'s, a shorter one before any that it begins.
  ///
  /// - Complexity: O(common prefix), eight bytes a step.
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
