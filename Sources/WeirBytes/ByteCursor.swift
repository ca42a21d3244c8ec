// Safety: `init` compares `end` with the number of bytes, and every read compares `index` with
// `end`.

/// Reads the push protocol's numbers from a range of bytes, and never outside it.
///
/// ```
/// bytes   | … | already read | remaining | … |
///             ▲              ▲           ▲
///             start          index       end
/// ```
///
/// A missing or malformed value reads as 0 and sets `hasFailed`. A caller therefore checks a record
/// once, after all its fields, and each read is a comparison and a load.
@usableFromInline
package struct ByteCursor: ~Escapable {
  @usableFromInline package let bytes: Span<UInt8>

  /// The next byte to read.
  @usableFromInline package internal(set) var index: Int
  /// The end of the range.
  @usableFromInline package let end: Int
  /// Whether a value was missing or malformed.
  @usableFromInline package internal(set) var hasFailed = false

  /// - Precondition: `start <= end`, and both are in `bytes`.
  @inlinable
  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end && end <= bytes.count, "range out of bounds")
    self.bytes = bytes
    index = start
    self.end = end
  }

  /// A cursor over the next `length` bytes, which this cursor skips. Empty, and this cursor fails,
  /// if fewer bytes remain.
  @inlinable
  @inline(__always)
  @_lifetime(copy self)
  package mutating func part(_ length: Int) -> ByteCursor {
    let start = skip(length)
    return ByteCursor(bytes, from: start, to: index)
  }

  /// The number of bytes that have not been read.
  @inlinable package var remaining: Int { end &- index }

  /// Marks the input as malformed: all further reads return 0.
  @inlinable
  package mutating func fail() {
    hasFailed = true
    index = end
  }

  @inlinable
  @inline(__always)
  package mutating func byte() -> UInt8 {
    guard index < end else {
      fail()
      return 0
    }
    let byte = unsafe bytes[unchecked: index]
    index &+= 1
    return byte
  }

  /// An unsigned LEB128 number: seven bits per byte, the lowest first; at most 64 bits in ten
  /// bytes.
  @inlinable
  @inline(__always)
  package mutating func varint() -> UInt64 {
    let first = byte()
    return first < 0x80 ? UInt64(first) : longVarint(first)
  }

  @inlinable
  mutating func longVarint(_ first: UInt8) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let byte = byte()
      // The tenth byte may only have one bit.
      if shift == 63 && byte > 1 {
        fail()
        return 0
      }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return hasFailed ? 0 : value }
      shift &+= 7
    }
  }

  /// A signed number n as a varint: 2n if n is 0 or more, else -2n - 1.
  @inlinable
  package mutating func zigzag() -> Int64 {
    let value = varint()
    return Int64(truncatingIfNeeded: value >> 1) ^ -Int64(truncatingIfNeeded: value & 1)
  }

  /// A double: a varint 2n for a whole number n ≥ 0, 2n + 1 for -n, or 1 followed by the eight
  /// bytes of a double.
  @inlinable
  @inline(__always)
  package mutating func number() -> Double {
    let value = varint()
    // Below 2⁶³, so the conversion can use a signed integer, which is one instruction.
    if value & 1 == 0 { return Double(Int64(truncatingIfNeeded: value &>> 1)) }
    if value == 1 { return Double(bitPattern: word()) }
    return -Double(Int64(truncatingIfNeeded: value &>> 1))
  }

  /// Eight bytes as a little-endian word.
  @inlinable
  package mutating func word() -> UInt64 {
    guard remaining >= 8 else {
      fail()
      return 0
    }
    let word = bytes.word(at: index)
    index &+= 8
    return word
  }

  /// A count of elements that follow. Fails if the remaining bytes cannot hold so many.
  ///
  /// - Parameter bytesEach: The smallest size of an element.
  /// - Precondition: `bytesEach` is positive.
  @inlinable
  @inline(__always)
  package mutating func count(bytesEach: Int = 1) -> Int {
    let count = varint()
    guard count <= UInt64(truncatingIfNeeded: remaining / bytesEach) else {
      fail()
      return 0
    }
    return Int(truncatingIfNeeded: count)
  }

  /// Skips `length` bytes and returns their start. Fails and returns `end` if fewer remain.
  @inlinable
  @inline(__always)
  package mutating func skip(_ length: Int) -> Int {
    guard length >= 0, length <= remaining else {
      fail()
      return end
    }
    let start = index
    index &+= length
    return start
  }
}
