import WeirBytes

/// The beginning of a frame: who sends it, when, and which one it is.
package struct PushFrameHead: Sendable, Equatable {
  /// Drawn at random when the instance started.
  package var instance: UInt64
  /// When the instance started, in milliseconds since 1970.
  package var startMilliseconds: UInt64
  /// 1 for the instance's first frame, one more for each further one.
  package var sequence: UInt64
  /// From the start until the frame is sent.
  package var ageMilliseconds: UInt64
  /// Without *signed*, which follows from `keyID`.
  package var flags: PushFormat.Flags
  /// The id of the key that will sign the frame, 1 to `keyIDBytesMax` bytes; nil for none.
  package var keyID: [UInt8]?

  package init(
    instance: UInt64, startMilliseconds: UInt64, sequence: UInt64, ageMilliseconds: UInt64,
    flags: PushFormat.Flags = [], keyID: [UInt8]? = nil
  ) {
    precondition(keyID.map { (1...PushFormat.keyIDBytesMax).contains($0.count) } ?? true)
    self.instance = instance
    self.startMilliseconds = startMilliseconds
    self.sequence = sequence
    self.ageMilliseconds = ageMilliseconds
    self.flags = flags
    self.keyID = keyID
  }

  /// Appends the head, from the magic up to the strings.
  package func write(to frame: inout ByteWriter) {
    Self.writePreamble(keyID == nil ? flags : flags.union(.signed), to: &frame)
    if let keyID {
      frame.append(UInt8(keyID.count))
      frame.append(keyID)
    }
    frame.append(littleEndian: instance)
    frame.append(varint: startMilliseconds)
    frame.append(varint: sequence)
    frame.append(varint: ageMilliseconds)
  }

  /// Appends the answer to this frame, without the tag.
  package func writeAnswer(to answer: inout ByteWriter) {
    Self.writeAnswer(to: instance, sequence: sequence, isSigned: keyID != nil, into: &answer)
  }

  /// Appends the answer to a frame, without the tag.
  package static func writeAnswer(
    to instance: UInt64, sequence: UInt64, isSigned: Bool, into answer: inout ByteWriter
  ) {
    writePreamble(isSigned ? [.answer, .signed] : .answer, to: &answer)
    answer.append(littleEndian: instance)
    answer.append(varint: sequence)
  }

  /// The bytes of the head and of the tag.
  package var bytes: Int {
    let signature = keyID.map { 1 + $0.count + PushFormat.tagBytes } ?? 0
    return 4 + signature + 8 + Varint.length(of: startMilliseconds)
      + Varint.length(of: sequence) + Varint.length(of: ageMilliseconds)
  }

  private static func writePreamble(_ flags: PushFormat.Flags, to frame: inout ByteWriter) {
    frame.append(PushFormat.magic.0)
    frame.append(PushFormat.magic.1)
    frame.append(PushFormat.version)
    frame.append(flags.rawValue)
  }
}
