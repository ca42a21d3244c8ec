import WeirBytes

/// The answer to a frame, as it was received.
package struct PushAnswerHead: Sendable, Equatable {
  /// Those of the frame that is answered.
  package let instance: UInt64
  package let sequence: UInt64
  package let isSigned: Bool
  /// Where the tag begins; the end where there is none.
  package let bodyEnd: Int

  /// Reads the answer that takes `range` of `bytes`; nil for anything else. The tag is not checked.
  package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var cursor = ByteCursor(bytes, from: range.lowerBound, to: range.upperBound)
    guard cursor.byte() == PushFormat.magic.0, cursor.byte() == PushFormat.magic.1,
      cursor.byte() == PushFormat.version
    else { return nil }
    let flags = PushFormat.Flags(rawValue: cursor.byte())
    guard flags.contains(.answer), flags.isSubset(of: [.answer, .signed]) else { return nil }
    isSigned = flags.contains(.signed)
    instance = cursor.word()
    sequence = cursor.varint()
    bodyEnd = cursor.index
    guard !cursor.hasFailed, sequence > 0,
      cursor.remaining == (isSigned ? PushFormat.tagBytes : 0)
    else { return nil }
  }
}
