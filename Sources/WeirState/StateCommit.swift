import WeirBytes

/// A commit block, which ends a group. It stands in the file twice, the same both times.
///
///     … blocks │ commit │ commit │ next group
///              ▲
///              end
struct StateCommit: Equatable {
  let fileNumber: UInt64
  /// The number of the group, from 1.
  let group: UInt64
  /// Where the group's first block is in the file.
  let start: UInt64
  /// Where the first of the two commit blocks is.
  let end: UInt64

  /// `WRCOMMIT` as a little-endian word.
  static let mark: UInt64 = Array("WRCOMMIT".utf8).span.word(at: 0)
  static let payloadBytes = 40
  /// The bytes of one commit block.
  static let byteCount = StateFormat.blockHeadBytes + payloadBytes

  init(fileNumber: UInt64, group: UInt64, start: UInt64, end: UInt64) {
    (self.fileNumber, self.group, self.start, self.end) = (fileNumber, group, start, end)
  }

  /// Reads a whole commit block, and checks that it stands where it says.
  ///
  /// - Parameter offset: Any number; nil if no such block begins there.
  /// - Complexity: O(1), so that many bytes that look like commits cost little.
  init?(_ bytes: Span<UInt8>, at offset: Int) {
    guard offset >= 0, offset <= bytes.count - StateCommit.byteCount,
      bytes.halfWord(at: offset) == StateBlockType.commit.rawValue,
      bytes.halfWord(at: offset + 4) == StateCommit.payloadBytes,
      bytes.word(at: offset + 12) == StateCommit.mark,
      StateBlockHead(bytes, at: offset)?.isIntact(bytes) == true
    else { return nil }
    fileNumber = bytes.word(at: offset + 20)
    group = bytes.word(at: offset + 28)
    start = bytes.word(at: offset + 36)
    end = bytes.word(at: offset + 44)
    let place = UInt64(offset)
    guard place == end || place == end &+ UInt64(StateCommit.byteCount), start <= end else {
      return nil
    }
  }

  func append(to blocks: inout StateBlocks) {
    blocks.append(.commit) {
      for word in [StateCommit.mark, fileNumber, group, start, end] {
        $0.append(littleEndian: word)
      }
    }
  }
}
