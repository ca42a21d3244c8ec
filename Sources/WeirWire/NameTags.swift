import WeirBytes

/// Where the tags within a name begin: `name,key=value`, `name#key=value`, `name[key=value]` or
/// `name;key=value`.
///
/// A mark begins tags only where a `key=` follows it, or nothing at all. Any other mark belongs to
/// the name, so that `queue#1.size`, `pool[0].used` and `disk.C,D.used` are names like any other.
struct NameTags {
  /// The position of the mark.
  let mark: Int
  /// Whether no tag follows the mark: `name,` or `name[]`.
  let isEmpty: Bool

  /// What follows a mark.
  private enum Content {
    case tags, nothing, text
  }

  /// The first mark in `start..<end` that begins tags; nil if none does.
  ///
  /// - Complexity: O(`end - start`).
  init?(_ bytes: Span<UInt8>, from start: Int, to end: Int, styles: TagStyles) {
    var index = start
    while index < end {
      guard styles.isMark(bytes[index]) else {
        index += 1
        continue
      }
      let (content, stop) = NameTags.content(
        bytes, after: index, to: end, styles: styles, skipsEmpty: true)
      if content != .text {
        mark = index
        isEmpty = content == .nothing
        return
      }
      // Marks that were skipped are followed by the same text.
      index = stop
    }
    return nil
  }

  /// Whether the mark at `index` is directly followed by a key and a `=`.
  static func beginsTags(
    _ bytes: Span<UInt8>, at index: Int, to end: Int, styles: TagStyles
  ) -> Bool {
    content(bytes, after: index, to: end, styles: styles, skipsEmpty: false).content == .tags
  }

  /// What separates the tags after a mark.
  static func separator(after mark: UInt8) -> UInt8 {
    mark == UInt8(ascii: ";") ? mark : UInt8(ascii: ",")
  }

  /// - Parameter skipsEmpty: Whether empty tags may come before the key.
  /// - Returns: What follows the mark at `index`, and the position at which that was known.
  private static func content(
    _ bytes: Span<UInt8>, after index: Int, to end: Int, styles: TagStyles, skipsEmpty: Bool
  ) -> (content: Content, stop: Int) {
    let isBracket = bytes[index] == UInt8(ascii: "[")
    let separator = separator(after: bytes[index])
    var hasText = false
    var place = index + 1
    while place < end {
      let byte = bytes[place]
      if byte == UInt8(ascii: "=") { return (skipsEmpty || hasText ? .tags : .text, place) }
      if isBracket, byte == UInt8(ascii: "]") { return (hasText ? .text : .nothing, place) }
      if byte == separator, skipsEmpty, !hasText {
        place += 1
        continue
      }
      if byte == separator || styles.isMark(byte) { return (.text, place) }
      hasText = true
      place += 1
    }
    // A bracket that is not closed holds no tags.
    return (hasText || isBracket ? .text : .nothing, end)
  }
}
