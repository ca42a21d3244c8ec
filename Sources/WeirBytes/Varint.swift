/// What is to be known of a number before it is written as a varint.
package enum Varint {
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
  /// Appends the varint of a count or an index, which are never negative.
  package mutating func append(varint value: Int) {
    append(varint: UInt64(value))
  }
}
