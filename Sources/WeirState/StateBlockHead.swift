import WeirBytes

/// What stands before the payload of a block.
struct StateBlockHead: Equatable {
  let type: UInt32
  let sum: UInt32
  let payload: Range<Int>

  /// Nil if the rest of the file is too short for the block, or the block longer than any.
  ///
  /// - Precondition: `offset` is 0 to `bytes.count`.
  init?(_ bytes: Span<UInt8>, at offset: Int) {
    guard bytes.count - offset >= StateFormat.blockHeadBytes else { return nil }
    let length = Int(bytes.halfWord(at: offset + 4))
    let start = offset + StateFormat.blockHeadBytes
    guard length <= StateFormat.blockBytesMax, length <= bytes.count - start else { return nil }
    type = bytes.halfWord(at: offset)
    sum = bytes.halfWord(at: offset + 8)
    payload = start..<start + length
  }

  /// Whether the check sum is right.
  ///
  /// - Complexity: O(bytes of the payload).
  func isIntact(_ bytes: Span<UInt8>) -> Bool {
    let start = payload.lowerBound - StateFormat.blockHeadBytes
    var crc = CRC32C()
    crc.add(bytes.extracting(start..<start + 8))
    crc.add(bytes.extracting(payload))
    return crc.value == sum
  }
}
