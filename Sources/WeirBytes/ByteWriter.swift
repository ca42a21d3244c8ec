// Safety: the standard library provides the buffers below for the duration of one append.

/// Appends text, integers and doubles (in Prometheus' format) to a byte array.
package struct ByteWriter: Sendable {
  /// The bytes written so far.
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Empties the writer and keeps its memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Removes all bytes after the first `count`.
  ///
  /// - Precondition: `count` is 0 to `bytes.count`.
  package mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= bytes.count, "count out of bounds")
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

  /// Appends the bytes of a span.
  package mutating func append(_ more: borrowing Span<UInt8>) {
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends `value` in the shortest form that parses to the same double: integers without a
  /// decimal point, and `+Inf`, `-Inf` and `NaN` as in the exposition formats.
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

  /// Appends the eight bytes of an integer in little-endian order.
  package mutating func append(littleEndian value: UInt64) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends the four bytes of an integer in little-endian order.
  package mutating func append(littleEndian32 value: UInt32) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Replaces four bytes that were written before by an integer in little-endian order.
  ///
  /// - Precondition: the four bytes from `offset` on were written.
  package mutating func replace(at offset: Int, littleEndian32 value: UInt32) {
    precondition(offset >= 0 && offset + 4 <= bytes.count, "offset out of bounds")
    for byte in 0..<4 {
      bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
    }
  }

  /// Appends an unsigned number as LEB128: seven bits per byte, the lowest first.
  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends an integer in decimal.
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
