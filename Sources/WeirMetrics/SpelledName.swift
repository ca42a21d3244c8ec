/// Names as they are written in a series' spelling. Classic names are written as they are. Other
/// names are in double quotes, with backslashes, quotes and newlines escaped. So a spelling can be
/// split without knowing whether names were kept as sent.
package enum SpelledName {
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  /// Whether `name` needs no quotes: `[a-zA-Z_][a-zA-Z0-9_]*`, and colons in a metric's name.
  package static func isClassic(_ name: some Collection<UInt8>, colons: Bool = false) -> Bool {
    var isFirst = true
    for byte in name {
      guard isClassic(byte, isFirst: isFirst) || colons && byte == UInt8(ascii: ":") else {
        return false
      }
      isFirst = false
    }
    return !isFirst
  }

  private static func isClassic(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
  }

  /// Whether a name, or the spelling that begins with it, is in quotes.
  package static func isQuoted(_ spelling: Span<UInt8>) -> Bool {
    spelling.count > 0 && spelling[0] == quote
  }

  /// The length of the metric's name in a spelling.
  package static func length(in spelling: Span<UInt8>) -> Int {
    length(in: spelling, from: 0, end: UInt8(ascii: "{"))
  }

  /// The length of the name that begins at `start`. It ends with its quote, or at the latest at
  /// `end`.
  package static func length(in spelling: Span<UInt8>, from start: Int, end: UInt8) -> Int {
    var index = start
    guard index < spelling.count, spelling[index] == quote else {
      while index < spelling.count, spelling[index] != end { index += 1 }
      return index - start
    }
    index += 1
    while spelling[index] != quote { index += spelling[index] == backslash ? 2 : 1 }
    return index + 1 - start
  }

  /// Appends a name in its spelling.
  package static func append(
    _ name: some Collection<UInt8>, colons: Bool = false, to spelling: inout [UInt8]
  ) {
    guard !isClassic(name, colons: colons) else { return spelling.append(contentsOf: name) }
    spelling.append(quote)
    for byte in name { spelling.appendEscaped(byte) }
    spelling.append(quote)
  }

  /// A name without quotes and escapes.
  package static func raw(_ name: some Collection<UInt8>) -> [UInt8] {
    guard name.first == quote else { return Array(name) }
    var raw: [UInt8] = []
    var isEscaped = false
    for byte in name.dropFirst().dropLast() {
      if byte == backslash && !isEscaped {
        isEscaped = true
        continue
      }
      raw.append(isEscaped && byte == UInt8(ascii: "n") ? 0x0A : byte)
      isEscaped = false
    }
    return raw
  }

  /// `name` with a classic ending added.
  package static func appending(_ ending: [UInt8], to name: [UInt8]) -> [UInt8] {
    name.first == quote ? name.dropLast() + ending + [quote] : name + ending
  }

  /// `name` without a classic ending; nil if it does not have it, or is nothing else.
  package static func removing(_ ending: [UInt8], from name: [UInt8]) -> [UInt8]? {
    let isQuoted = name.first == quote
    let text = isQuoted ? name.dropFirst().dropLast() : name[...]
    guard text.count > ending.count, text.suffix(ending.count).elementsEqual(ending) else {
      return nil
    }
    let stem = text.dropLast(ending.count)
    // The rest is not classic, or the whole name would be.
    return isQuoted ? [quote] + stem + [quote] : Array(stem)
  }
}
