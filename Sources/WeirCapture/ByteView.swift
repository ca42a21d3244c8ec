/// Numbers in network order at places of a range of bytes. What lies outside of the range is nil.
struct ByteView: ~Escapable {
  private let bytes: Span<UInt8>
  /// Where the view begins.
  let start: Int
  /// Where it ends.
  let end: Int

  /// - Precondition: `range` is in `bytes`.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range out of bounds")
    self.bytes = bytes
    start = range.lowerBound
    end = range.upperBound
  }

  var count: Int { end - start }

  /// The same bytes without the first ones; nil if there are fewer.
  @_lifetime(copy self)
  func dropping(_ length: Int) -> ByteView? {
    guard length >= 0, length <= count else { return nil }
    return ByteView(bytes, start + length..<end)
  }

  func byte(_ offset: Int) -> UInt8? {
    guard offset >= 0, offset < count else { return nil }
    return bytes[start + offset]
  }

  func number16(_ offset: Int) -> UInt16? {
    guard let first = byte(offset), let second = byte(offset + 1) else { return nil }
    return UInt16(first) << 8 | UInt16(second)
  }

  func number32(_ offset: Int) -> UInt32? {
    guard let first = number16(offset), let second = number16(offset + 2) else { return nil }
    return UInt32(first) << 16 | UInt32(second)
  }

  func number64(_ offset: Int) -> UInt64? {
    guard let first = number32(offset), let second = number32(offset + 4) else { return nil }
    return UInt64(first) << 32 | UInt64(second)
  }

  /// A copy of some bytes; nil if there are fewer.
  func copy(_ range: Range<Int>) -> [UInt8]? {
    guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for offset in range { copy.append(bytes[start + offset]) }
    return copy
  }
}
