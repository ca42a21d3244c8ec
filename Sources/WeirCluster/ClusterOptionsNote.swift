import WeirBytes

/// From which state all nodes go on with other options: the payload of an `options` entry.
///
///     payload = length (varint) · name of the state in the store · options
///
/// The state holds all up to an earlier message, and counts with these options. A node that reads the entry loads it,
/// and applies again what came after it.
package struct ClusterOptionsNote: Sendable, Equatable {
  package var state: String
  package var options: String

  package init(state: String, options: String) {
    self.state = state
    self.options = options
  }

  /// The longest options, in bytes.
  package static let optionsBytesMax = 32 << 10

  /// Nil where it is too short or too long.
  package init?(_ bytes: Span<UInt8>) {
    var cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    let length = cursor.count()
    let start = cursor.skip(length)
    if cursor.hasFailed { return nil }
    let end = start + length
    guard bytes.count - end <= ClusterOptionsNote.optionsBytesMax else { return nil }
    state = String(decoding: (start..<end).map { bytes[$0] }, as: UTF8.self)
    options = String(decoding: (end..<bytes.count).map { bytes[$0] }, as: UTF8.self)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.append(varint: UInt64(state.utf8.count))
    writer.append(state)
    writer.append(options)
    return writer.bytes
  }
}
