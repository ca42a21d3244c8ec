import WeirBytes

/// The frames of an HTTP body: before each is its length, as a varint.
package struct PushFrames: ~Escapable {
  private var cursor: ByteCursor

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>) {
    cursor = ByteCursor(bytes, from: 0, to: bytes.count)
  }

  /// Whether the body ended within a frame or a length.
  package var hasFailed: Bool { cursor.hasFailed }

  /// Where the next frame is; nil at the end, or where fewer bytes are left than its length says.
  package mutating func next() -> Range<Int>? {
    guard cursor.remaining > 0 else { return nil }
    let length = cursor.count()
    let start = cursor.skip(length)
    return cursor.hasFailed ? nil : start..<start + length
  }
}
