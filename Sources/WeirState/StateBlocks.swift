import WeirBytes

/// Blocks of the state file, one after another, in memory.
///
///     block = type (u32) · length (u32) · CRC-32C of type, length and payload (u32) · payload
package struct StateBlocks: Sendable {
  private var writer = ByteWriter()

  package init() {}

  package var bytes: [UInt8] { writer.bytes }

  package var byteCount: Int { writer.bytes.count }

  /// Empties it and keeps its memory.
  package mutating func removeAll() { writer.removeAll() }

  /// Appends a block whose payload `body` writes.
  ///
  /// - Precondition: the payload is no longer than `StateFormat.blockBytesMax`.
  /// - Complexity: O(bytes of the payload).
  package mutating func append(
    _ type: StateBlockType, _ body: (inout ByteWriter) -> Void
  ) {
    let start = writer.bytes.count
    writer.append(littleEndian: UInt64(type.rawValue))
    writer.append(littleEndian32: 0)
    let payload = writer.bytes.count
    body(&writer)
    let length = writer.bytes.count - payload
    precondition(length <= StateFormat.blockBytesMax, "the block is too long")
    writer.replace(at: start + 4, littleEndian32: UInt32(length))
    var sum = CRC32C()
    sum.add(writer.bytes.span.extracting(start..<start + 8))
    sum.add(writer.bytes.span.extracting(payload..<payload + length))
    writer.replace(at: start + 8, littleEndian32: sum.value)
  }
}

extension StateBlocks {
  /// A whole state file with one group, in memory.
  ///
  /// - Parameter number: Ties the commit to the file.
  /// - Complexity: O(bytes).
  package static func file(of blocks: StateBlocks, number: UInt64) -> [UInt8] {
    var bytes = StateHeader.bytes(fileNumber: number)
    let start = bytes.count
    bytes += blocks.bytes
    let commit = StateCommit(
      fileNumber: number, group: 1, start: UInt64(start), end: UInt64(bytes.count))
    var commits = StateBlocks()
    commit.append(to: &commits)
    commit.append(to: &commits)
    return bytes + commits.bytes
  }
}
