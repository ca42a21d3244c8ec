// Safety: `init` compares `end` with the number of bytes, and every read compares `index` with `end`.

/// Reads the push protocol's numbers from a part of some bytes, and never beyond it.
///
/// What is missing or malformed reads as 0 and is remembered, so that a record is checked once, behind
/// all its fields, and a read is a comparison and a load.
@usableFromInline
package struct ByteCursor: ~Escapable {
  /// What is read from.
  @usableFromInline package let bytes: Span<UInt8>

  /// The next byte to be read.
  @usableFromInline package internal(set) var index: Int
  /// Where reading ends.
  @usableFromInline package let end: Int
  /// Whether anything that was asked for was not there, or no number.
  @usableFromInline package internal(set) var hasFailed = false

  /// - Precondition: `start <= end`, and both lie in `bytes`.
  @inlinable
  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end && end <= bytes.count)
    self.bytes = bytes
    index = start
    self.end = end
  }

  /// A cursor over the next `length` bytes, which this one goes past; over none where they are not
  /// there.
  @inlinable
  @inline(__always)
  @_lifetime(copy self)
  package mutating func part(_ length: Int) -> ByteCursor {
    let start = skip(length)
    return ByteCursor(bytes, from: start, to: index)
  }

  /// Bytes that are left.
  @inlinable package var remaining: Int { end &- index }

  /// Says that what was read can't be meant.
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

  /// An unsigned number, seven bits a byte, the lowest first: LEB128. At most 64 bits in ten bytes.
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
      // Of the tenth byte only one bit is left.
      if shift == 63 && byte > 1 {
        fail()
        return 0
      }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return hasFailed ? 0 : value }
      shift &+= 7
    }
  }

  /// A signed number: 2n where n is 0 or more, else -2n - 1.
  @inlinable
  package mutating func zigzag() -> Int64 {
    let value = varint()
    return Int64(truncatingIfNeeded: value >> 1) ^ -Int64(truncatingIfNeeded: value & 1)
  }

  /// A number of any kind: a varint that holds a whole one, or says that a double follows.
  @inlinable
  @inline(__always)
  package mutating func number() -> Double {
    let value = varint()
    // Below 2⁶³, so that the conversion is that of a signed number, which is one instruction.
    if value & 1 == 0 { return Double(Int64(truncatingIfNeeded: value &>> 1)) }
    if value == 1 { return Double(bitPattern: word()) }
    return -Double(Int64(truncatingIfNeeded: value &>> 1))
  }

  /// Eight bytes, the lowest first.
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

  /// How many elements follow. There can't be more than there are bytes left for.
  ///
  /// - Parameter bytesEach: What each takes at the least.
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

  /// Goes past so many bytes, and returns where they begin.
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
