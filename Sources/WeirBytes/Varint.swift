/// Calculations for the varint encoding.
package enum Varint {
  /// The number of bytes of `value` as a varint, 1 to 10.
  package static func length(of value: UInt64) -> Int {
    (70 &- (value | 1).leadingZeroBitCount) / 7
  }

  /// Encodes a signed number so that small magnitudes become small numbers: 0, -1, 1, -2 … become
  /// 0, 1, 2, 3 …
  package static func zigzag(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value &<< 1 ^ value &>> 63)
  }
}

extension ByteWriter {
  /// Appends a count or an index as a varint.
  ///
  /// - Precondition: `value` is not negative.
  package mutating func append(varint value: Int) {
    append(varint: UInt64(value))
  }
}
