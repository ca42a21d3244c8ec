/// A key that was pressed.
package enum Key: Sendable, Equatable {
  case character(Unicode.Scalar)
  case escape
  /// Ctrl-C.
  case interrupt
  /// Ctrl-L: draw everything again.
  case redraw
  /// Ctrl-Z.
  case suspend
  /// Any other key.
  case other
}

/// The bytes of a terminal in raw mode as keys.
///
/// A sequence that begins with an escape may come in pieces. It is kept until it ends, at most `sequenceMax` bytes.
package struct KeyReader: Sendable {
  package static let sequenceMax = 32
  private static let escape: UInt8 = 0x1b

  private var kept: [UInt8] = []

  package init() {}

  /// Whether a sequence has begun and not ended. If nothing follows soon, call `flush`.
  package var isWaiting: Bool { !kept.isEmpty }

  /// The keys that bytes complete.
  package mutating func read(_ bytes: some Sequence<UInt8>) -> [Key] {
    kept += bytes
    var keys: [Key] = []
    while let (key, length) = first() {
      kept.removeFirst(length)
      keys.append(key)
    }
    return keys
  }

  /// The key of a sequence that does not go on. An escape alone is the key Escape.
  package mutating func flush() -> [Key] {
    defer { kept = [] }
    guard !kept.isEmpty else { return [] }
    return [kept == [KeyReader.escape] ? .escape : .other]
  }

  /// The first key with its bytes; nil if it is not whole.
  private func first() -> (Key, Int)? {
    guard let byte = kept.first else { return nil }
    switch byte {
    case KeyReader.escape: return sequence()
    case 0x03: return (.interrupt, 1)
    case 0x0c: return (.redraw, 1)
    case 0x1a: return (.suspend, 1)
    case 0..<0x20, 0x7f: return (.other, 1)
    case 0x20..<0x7f: return (.character(Unicode.Scalar(byte)), 1)
    default: return character()
    }
  }

  private func sequence() -> (Key, Int)? {
    guard kept.count > 1 else { return nil }
    switch kept[1] {
    case UInt8(ascii: "["):
      // Parameters and intermediate bytes, then one that ends it.
      guard let end = kept.dropFirst(2).firstIndex(where: { !(0x20..<0x40).contains($0) }) else {
        return kept.count >= KeyReader.sequenceMax ? (.other, kept.count) : nil
      }
      // Another sequence begins before this one has ended.
      guard (0x40..<0x7f).contains(kept[end]) else { return (.other, end) }
      return (.other, end + 1)
    case UInt8(ascii: "O"):
      guard kept.count > 2 else { return nil }
      return (.other, 3)
    case KeyReader.escape: return (.escape, 1)
    default: return (.other, 2)
    }
  }

  /// A character of UTF-8 with more than one byte.
  private func character() -> (Key, Int)? {
    let length =
      switch kept[0] {
      case 0xc2..<0xe0: 2
      case 0xe0..<0xf0: 3
      case 0xf0..<0xf5: 4
      default: 1
      }
    guard length > 1 else { return (.other, 1) }
    let rest = kept.dropFirst().prefix(length - 1).prefix { $0 & 0xc0 == 0x80 }
    guard rest.count == length - 1 else {
      return rest.count == kept.count - 1 ? nil : (.other, 1 + rest.count)
    }
    guard let text = String(validating: kept.prefix(length), as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return (.other, length) }
    return (.character(scalar), length)
  }
}
