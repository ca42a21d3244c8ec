import WeirBytes

extension ByteWriter {
  /// Appends a `number` of the push protocol: as an integer where it is a whole number up to 2⁵³ in
  /// magnitude, otherwise as a double. `-0` is sent as a double, to keep its sign.
  package mutating func append(number value: Double) {
    let isNegativeZero = value == 0 && value.sign == .minus
    if value.magnitude <= PushFormat.wholeNumberMax && value == value.rounded(.towardZero)
      && !isNegativeZero
    {
      let doubled = UInt64(value.magnitude) &<< 1
      append(varint: value < 0 ? doubled | 1 : doubled)
    } else {
      append(varint: PushFormat.doubleMark)
      append(littleEndian: value.bitPattern)
    }
  }
}
