import WeirBytes

/// The frames of a body, each behind its length as a varint.
package struct PushFrames: ~Escapable {
  private var cursor: ByteCursor

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>) {
    cursor = ByteCursor(bytes, from: 0, to: bytes.count)
  }

  /// Whether what came last was no frame behind its length.
  package var hasFailed: Bool { cursor.hasFailed }

  /// Where the next frame lies; nil at the end, or where there are fewer bytes than its length says.
  package mutating func next() -> Range<Int>? {
    guard cursor.remaining > 0 else { return nil }
    let length = cursor.count()
    let start = cursor.skip(length)
    return cursor.hasFailed ? nil : start..<start + length
  }
}
