import WeirBytes

/// How nodes compare their views: the payload of a `digest` entry.
///
///     payload = 1                                            each node is to make a digest as of this message
///             | 2 · sequence (varint) · digest (8 bytes)     the digest of a node as of a message
package enum ClusterDigestNote: Sendable, Equatable {
  case asked
  case made(sequence: UInt64, digest: UInt64)

  /// Nil where it is neither.
  package init?(_ bytes: Span<UInt8>) {
    var cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    switch cursor.byte() {
    case 1: self = .asked
    case 2: self = .made(sequence: cursor.varint(), digest: cursor.word())
    default: return nil
    }
    if cursor.hasFailed { return nil }
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .asked: writer.append(UInt8(1))
    case .made(let sequence, let digest):
      writer.append(UInt8(2))
      writer.append(varint: sequence)
      writer.append(littleEndian: digest)
    }
    return writer.bytes
  }
}
