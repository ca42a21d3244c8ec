import WeirBytes

/// The instance as which a Weir forwards, as the state file keeps it.
package struct ForwarderIdentity: Sendable, Equatable {
  /// Drawn at random.
  package var number: UInt64
  /// When the instance began, in milliseconds since 1970.
  package var startMilliseconds: UInt64
  /// The number of the next frame. No frame with this number or a later one was sent before the commit.
  package var nextSequence: UInt64
  /// The age of the instance at the commit.
  package var ageMilliseconds: UInt64
  /// Where the state lives: a copy of it has another place.
  package var place: String

  package init(
    number: UInt64, startMilliseconds: UInt64, nextSequence: UInt64 = 1,
    ageMilliseconds: UInt64 = 0, place: String = ""
  ) {
    self.number = number
    self.startMilliseconds = startMilliseconds
    self.nextSequence = nextSequence
    self.ageMilliseconds = ageMilliseconds
    self.place = place
  }

  /// The payload of the state file's block `forwarder`.
  package var payload: [UInt8] {
    var writer = ByteWriter(capacity: 64)
    writer.append(littleEndian: number)
    writer.append(varint: startMilliseconds)
    writer.append(varint: nextSequence)
    writer.append(varint: place.utf8.count)
    writer.append(place)
    writer.append(varint: ageMilliseconds)
    return writer.bytes
  }

  /// Reads a payload; nil if it can't be one.
  package init?(payload: Span<UInt8>) {
    var cursor = ByteCursor(payload, from: 0, to: payload.count)
    number = cursor.word()
    startMilliseconds = cursor.varint()
    nextSequence = cursor.varint()
    let length = cursor.count()
    let start = cursor.skip(length)
    ageMilliseconds = cursor.varint()
    guard !cursor.hasFailed, nextSequence > 0 else { return nil }
    place = String(decoding: (start..<start + length).map { payload[$0] }, as: UTF8.self)
  }
}
