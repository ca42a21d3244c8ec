/// Bytes that are read one after another.
struct StateBytes {
  let bytes: [UInt8]
  var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  mutating func u8() -> UInt8 {
    place += 1
    return bytes[place - 1]
  }

  mutating func u32() -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(u8()) << UInt32(8 * $1) } }

  mutating func u64() -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(u8()) << UInt64(8 * $1) } }

  mutating func varint() -> UInt64 {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while true {
      let byte = u8()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// As the bits of a double.
  mutating func number() -> UInt64 {
    let told = varint()
    if told == 1 { return u64() }
    return (told & 1 == 0 ? Double(told / 2) : -Double(told / 2)).bitPattern
  }

  mutating func doubles() -> [Double] { (0..<varint()).map { _ in Double(bitPattern: u64()) } }

  mutating func text() -> String {
    let count = Int(varint())
    defer { place += count }
    return String(decoding: bytes[place..<place + count], as: UTF8.self)
  }

  mutating func rest() -> [UInt8] {
    defer { place = bytes.count }
    return Array(bytes[place...])
  }

  /// The bytes of a native histogram.
  mutating func native() -> [UInt8] {
    let start = place
    _ = varint()
    for _ in 0..<varint() {
      _ = varint()
      _ = number()
    }
    return Array(bytes[start..<place])
  }

  /// The bytes of a step of a set.
  mutating func sketch() -> [UInt8] {
    let start = place
    if u8() == 0 {
      place += 8 * Int(varint())
    } else {
      place += 4_096
    }
    return Array(bytes[start..<place])
  }
}
