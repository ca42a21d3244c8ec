import WeirBytes

/// Writes the fields of protobuf messages (protobuf.dev/programming-guides/encoding).
struct ProtobufWriter: Sendable {
  private var output = ByteWriter()

  var bytes: [UInt8] { output.bytes }
  var count: Int { output.bytes.count }

  /// Empties the writer and keeps its memory.
  mutating func removeAll() { output.removeAll() }

  /// Seven bits a byte, the lowest first.
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func field(_ number: UInt64, varint value: UInt64) {
    varint(number << 3)
    varint(value)
  }

  /// A signed number; small numbers of either sign take few bytes.
  mutating func field(_ number: UInt64, zigzag value: Int64) {
    field(number, varint: ProtobufWriter.zigzag(value))
  }

  mutating func field(_ number: UInt64, double value: Double) {
    varint(number << 3 | 1)
    double(value)
  }

  mutating func double(_ value: Double) {
    output.append(littleEndian: value.bitPattern)
  }

  /// Existing text, or an existing message.
  mutating func field(_ number: UInt64, bytes: [UInt8]) {
    beginField(number, length: bytes.count)
    output.append(bytes)
  }

  /// What precedes `length` bytes of text or of a message.
  mutating func beginField(_ number: UInt64, length: Int) {
    varint(number << 3 | 2)
    varint(UInt64(length))
  }

  mutating func append(_ bytes: [UInt8]) { output.append(bytes) }

  mutating func append(_ bytes: borrowing Span<UInt8>) { output.append(bytes) }

  mutating func append(_ byte: UInt8) { output.append(byte) }

  static func zigzag(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value << 1 ^ value >> 63)
  }
}
