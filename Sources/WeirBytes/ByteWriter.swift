// Safety: the buffers below are lent by the standard library for the length of one append.

/// Grows a byte array piece by piece: text, integers, and doubles as Prometheus reads them.
package struct ByteWriter: Sendable {
  /// What has been written.
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Empties the writer and keeps its memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Takes back what was written behind the first `count` bytes.
  package mutating func truncate(to count: Int) {
    bytes.removeSubrange(count...)
  }

  package mutating func append(_ byte: UInt8) {
    bytes.append(byte)
  }

  package mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  package mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  package mutating func append(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
  }

  /// Appends a part of another array.
  package mutating func append(_ more: borrowing Span<UInt8>) {
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends `value` in the shortest form that reads back as the same double: integers without a
  /// point, and `+Inf`, `-Inf`, `NaN` as the exposition formats spell them.
  package mutating func append(_ value: Double) {
    if let integer = Int64(exactly: value), integer.magnitude < 1 << 53,
      integer != 0 || value.sign == .plus
    {
      append(integer)
    } else if value.isNaN {
      append("NaN")
    } else if value.isInfinite {
      append(value < 0 ? "-Inf" : "+Inf")
    } else {
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  /// Appends the eight bytes of an integer, the lowest first.
  package mutating func append(littleEndian value: UInt64) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends an unsigned number, seven bits a byte, the lowest first: LEB128.
  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  package mutating func append(_ value: Int64) {
    var digits = value.magnitude
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    repeat {
      let (rest, digit) = digits.quotientAndRemainder(dividingBy: 10)
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
      digits = rest
    } while digits > 0
    bytes[start...].reverse()
  }
}
