/// Reads the push protocol's numbers from a part of some bytes, and never beyond it.
///
/// What is missing or malformed reads as 0 and is remembered, so that a record is checked once, behind
/// all its fields, and a read is a comparison and a load.
package struct ByteCursor: Sendable, BitwiseCopyable {
  /// The next byte to be read.
  package private(set) var index: Int
  /// Where reading ends.
  package let end: Int
  /// Whether anything that was asked for was not there, or no number.
  package private(set) var hasFailed = false

  /// - Precondition: `start <= end`, and both lie in the bytes that are read from.
  package init(from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end)
    index = start
    self.end = end
  }

  /// Bytes that are left.
  package var remaining: Int { end &- index }

  /// Says that what was read can't be meant.
  package mutating func fail() {
    hasFailed = true
    index = end
  }

  @inline(__always)
  package mutating func byte(_ bytes: Span<UInt8>) -> UInt8 {
    guard index < end else {
      fail()
      return 0
    }
    let byte = bytes[index]
    index &+= 1
    return byte
  }

  /// An unsigned number, seven bits a byte, the lowest first: LEB128. At most 64 bits in ten bytes.
  @inline(__always)
  package mutating func varint(_ bytes: Span<UInt8>) -> UInt64 {
    let first = byte(bytes)
    return first < 0x80 ? UInt64(first) : longVarint(first, bytes)
  }

  private mutating func longVarint(_ first: UInt8, _ bytes: Span<UInt8>) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let byte = byte(bytes)
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
  package mutating func zigzag(_ bytes: Span<UInt8>) -> Int64 {
    let value = varint(bytes)
    return Int64(truncatingIfNeeded: value >> 1) ^ -Int64(truncatingIfNeeded: value & 1)
  }

  /// A number of any kind: a varint that holds a whole one, or says that a double follows.
  @inline(__always)
  package mutating func number(_ bytes: Span<UInt8>) -> Double {
    let value = varint(bytes)
    // Below 2⁶³, so that the conversion is that of a signed number, which is one instruction.
    if value & 1 == 0 { return Double(Int64(truncatingIfNeeded: value &>> 1)) }
    if value == 1 { return Double(bitPattern: word(bytes)) }
    return -Double(Int64(truncatingIfNeeded: value &>> 1))
  }

  /// Eight bytes, the lowest first.
  package mutating func word(_ bytes: Span<UInt8>) -> UInt64 {
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
  @inline(__always)
  package mutating func count(_ bytes: Span<UInt8>, bytesEach: Int = 1) -> Int {
    let count = varint(bytes)
    guard count <= UInt64(truncatingIfNeeded: remaining / bytesEach) else {
      fail()
      return 0
    }
    return Int(truncatingIfNeeded: count)
  }

  /// Goes past so many bytes, and returns where they begin.
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
