extension Span<UInt8> {
  /// Whether every byte of `start..<end` is below 0x80.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), eight bytes per step.
  package func isASCII(from start: Int, to end: Int) -> Bool {
    precondition(start >= 0 && start <= end && end <= count)
    var index = start
    var bits: UInt64 = 0
    while index &+ 8 <= end {
      bits |= uncheckedWord(at: index)
      index &+= 8
    }
    while index < end {
      bits |= UInt64(self[index])
      index &+= 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }

  /// Whether `start..<end` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates,
  /// nothing above U+10FFFF.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Complexity: O(`end - start`), no allocation.
  package func isUTF8(from start: Int, to end: Int) -> Bool {
    var index = start
    while index < end {
      let length = scalarLength(at: index, to: end)
      if length == 0 { return false }
      index &+= length
    }
    return true
  }

  /// The length in bytes of the scalar at `index`; 0 if it is malformed or does not end by `end`.
  ///
  /// - Precondition: `0 <= index < end <= count`.
  package func scalarLength(at index: Int, to end: Int) -> Int {
    let lead = self[index]
    switch lead {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: return hasContinuation(bytes: 1, after: index, to: end) ? 2 : 0
    case 0xE0...0xEF:
      guard hasContinuation(bytes: 2, after: index, to: end) else { return 0 }
      let second = self[index &+ 1]
      if lead == 0xE0 && second < 0xA0 { return 0 }
      if lead == 0xED && second > 0x9F { return 0 }
      return 3
    case 0xF0...0xF4:
      guard hasContinuation(bytes: 3, after: index, to: end) else { return 0 }
      let second = self[index &+ 1]
      if lead == 0xF0 && second < 0x90 { return 0 }
      if lead == 0xF4 && second > 0x8F { return 0 }
      return 4
    default: return 0
    }
  }

  /// Whether the next `count` bytes after `index` are continuation bytes (10xxxxxx).
  private func hasContinuation(bytes count: Int, after index: Int, to end: Int) -> Bool {
    guard index &+ count < end else { return false }
    for offset in 1...count where self[index &+ offset] & 0xC0 != 0x80 { return false }
    return true
  }
}
