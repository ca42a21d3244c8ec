import WeirBytes

/// The first bytes of a state file. Later versions keep this layout.
///
///     "WEIRSTAT" · version (u32) · 0 (u32) · file number (u64) · CRC-32C (u32) · 0 (u32)
enum StateHeader: Equatable {
  case intact(version: UInt32, fileNumber: UInt64)
  /// It begins as a state file does, and the rest is too short or has a wrong check sum.
  case damaged(String)
  case foreign

  init(_ bytes: Span<UInt8>) {
    let magic = StateFormat.magic
    let seen = min(bytes.count, magic.count)
    guard bytes.matches(at: 0, magic.span, at: 0, length: seen) else {
      self = .foreign
      return
    }
    guard bytes.count >= StateFormat.headerBytes else {
      self = .damaged("the file ends within its header, after \(bytes.count) bytes")
      return
    }
    var crc = CRC32C()
    crc.add(bytes.extracting(0..<24))
    guard crc.value == bytes.halfWord(at: 24) else {
      self = .damaged("the check sum of the file's header is wrong")
      return
    }
    self = .intact(version: bytes.halfWord(at: 8), fileNumber: bytes.word(at: 16))
  }

  static func bytes(version: UInt32 = StateFormat.version, fileNumber: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: StateFormat.headerBytes)
    writer.append(StateFormat.magic)
    writer.append(littleEndian32: version)
    writer.append(littleEndian32: 0)
    writer.append(littleEndian: fileNumber)
    var crc = CRC32C()
    crc.add(writer.bytes.span)
    writer.append(littleEndian32: crc.value)
    writer.append(littleEndian32: 0)
    return writer.bytes
  }
}
