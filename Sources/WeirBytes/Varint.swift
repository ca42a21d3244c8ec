/// How the push protocol writes numbers: seven bits a byte, the lowest first, the high bit set in
/// all bytes but the last.
package enum Varint {
  /// The bytes that the greatest number takes.
  package static let bytesMax = 10

  /// The bytes that `value` takes, 1 to 10.
  package static func length(of value: UInt64) -> Int {
    (70 &- (value | 1).leadingZeroBitCount) / 7
  }

  /// A signed number as an unsigned one, small where its magnitude is: 0, -1, 1, -2 … are
  /// 0, 1, 2, 3 …
  package static func zigzag(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value &<< 1 ^ value &>> 63)
  }
}

extension ByteWriter {
  /// Appends `value` as a varint, in as few bytes as it takes.
  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7f {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends the varint of a count or an index, which are never negative.
  package mutating func append(varint value: Int) {
    append(varint: UInt64(value))
  }
}
