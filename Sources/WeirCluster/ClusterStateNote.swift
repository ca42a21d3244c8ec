import WeirBytes

/// What a node says about a state: the payload of a `state` entry.
///
///     payload = 1                            the node begins to write one
///             | 2 · sequence (varint)        one is in the store, with all up to this message
package enum ClusterStateNote: Sendable, Equatable {
  case writing
  case stored(sequence: UInt64)

  /// Nil where it is neither.
  package init?(_ bytes: Span<UInt8>) {
    var cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    switch cursor.byte() {
    case 1: self = .writing
    case 2: self = .stored(sequence: cursor.varint())
    default: return nil
    }
    if cursor.hasFailed { return nil }
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .writing: writer.append(UInt8(1))
    case .stored(let sequence):
      writer.append(UInt8(2))
      writer.append(varint: sequence)
    }
    return writer.bytes
  }
}
