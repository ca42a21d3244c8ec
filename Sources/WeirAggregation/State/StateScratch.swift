import WeirBytes
import WeirPush

/// What the payload of a block is built in before its length is known. Appending a byte to a column
/// is a comparison and a store, where an array also checks whether it is shared.
extension Column<UInt8> {
  @inline(__always)
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// - Precondition: `value` is not negative.
  @inline(__always)
  mutating func append(varint value: Int) { append(varint: UInt64(value)) }

  @inline(__always)
  mutating func append(littleEndian value: UInt64) {
    var rest = value
    for _ in 0..<8 {
      append(UInt8(truncatingIfNeeded: rest))
      rest &>>= 8
    }
  }

  @inline(__always)
  mutating func append(f64 value: Double) { append(littleEndian: value.bitPattern) }

  /// Appends a `number`, as `ByteWriter.append(number:)` does.
  @inline(__always)
  mutating func append(number value: Double) {
    // Compared before it is converted, because a conversion of a greater one would trap.
    if value.magnitude <= PushFormat.wholeNumberMax {
      let whole = Int64(value)
      if Double(whole) == value, whole != 0 || value.sign == .plus {
        let doubled = whole.magnitude &<< 1
        return append(varint: whole < 0 ? doubled | 1 : doubled)
      }
    }
    append(varint: PushFormat.doubleMark)
    append(littleEndian: value.bitPattern)
  }

  mutating func append(bytes: ArraySlice<UInt8>) {
    for byte in bytes { append(byte) }
  }

  /// Appends a text; an empty one for nil.
  mutating func append(text: [UInt8]) {
    append(varint: text.count)
    append(bytes: text[...])
  }
}
