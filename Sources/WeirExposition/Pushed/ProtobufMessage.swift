import WeirBytes

/// The fields of one message, in order.
struct ProtobufMessage: ~Escapable {
  private var cursor: ByteCursor
  private var wireType: UInt64 = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    cursor = ByteCursor(bytes, from: range.lowerBound, to: range.upperBound)
  }

  /// The number of the next field, whose value has to be read or skipped; nil at the end.
  mutating func next() throws(PushedBodyMistake) -> UInt64? {
    guard cursor.remaining > 0 else { return nil }
    let tag = cursor.varint()
    if cursor.hasFailed || tag < 8 { throw ProtobufMessage.wrong }
    wireType = tag & 7
    return tag >> 3
  }

  mutating func varint() throws(PushedBodyMistake) -> UInt64 {
    guard wireType == 0 else { throw ProtobufMessage.wrong }
    let value = cursor.varint()
    if cursor.hasFailed { throw ProtobufMessage.wrong }
    return value
  }

  mutating func double() throws(PushedBodyMistake) -> Double {
    guard wireType == 1 else { throw ProtobufMessage.wrong }
    let bits = cursor.word()
    if cursor.hasFailed { throw ProtobufMessage.wrong }
    return Double(bitPattern: bits)
  }

  /// Where a text or a message is.
  mutating func bytes() throws(PushedBodyMistake) -> Range<Int> {
    guard wireType == 2 else { throw ProtobufMessage.wrong }
    let length = cursor.count()
    let start = cursor.skip(length)
    if cursor.hasFailed { throw ProtobufMessage.wrong }
    return start..<start + length
  }

  mutating func skip() throws(PushedBodyMistake) {
    switch wireType {
    case 0: _ = cursor.varint()
    case 1: _ = cursor.skip(8)
    case 2: _ = cursor.skip(cursor.count())
    case 5: _ = cursor.skip(4)
    // Groups are not used any more.
    default: throw ProtobufMessage.wrong
    }
    if cursor.hasFailed { throw ProtobufMessage.wrong }
  }

  private static var wrong: PushedBodyMistake {
    .malformed("a message is not one of the protobuf format")
  }
}
