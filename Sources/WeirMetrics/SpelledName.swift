/// Names as they stand in a series' spelling: as they are where they are classic, in double quotes
/// with their backslashes, quotes and newlines escaped where they are not. So a spelling is taken apart
/// without knowing whether names were kept as sent.
package enum SpelledName {
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  /// Whether `name` can stand as it is: `[a-zA-Z_][a-zA-Z0-9_]*`, and for a metric's name colons.
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

  /// How much of a spelling is the metric's name.
  package static func length(in spelling: Span<UInt8>) -> Int {
    length(in: spelling, from: 0, end: UInt8(ascii: "{"))
  }

  /// The length of the name that begins at `start`, and ends with its quote or before `end`.
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

  /// Appends a name, as it must be spelled.
  package static func append(
    _ name: some Collection<UInt8>, colons: Bool = false, to spelling: inout [UInt8]
  ) {
    guard !isClassic(name, colons: colons) else { return spelling.append(contentsOf: name) }
    spelling.append(quote)
    for byte in name { spelling.appendEscaped(byte) }
    spelling.append(quote)
  }

  /// A name as it was before it was spelled.
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

  /// `name` with a classic ending behind it.
  package static func appending(_ ending: [UInt8], to name: [UInt8]) -> [UInt8] {
    name.first == quote ? name.dropLast() + ending + [quote] : name + ending
  }

  /// `name` without a classic ending; nil where it does not end so, or is nothing else.
  package static func removing(_ ending: [UInt8], from name: [UInt8]) -> [UInt8]? {
    let isQuoted = name.first == quote
    let text = isQuoted ? name.dropFirst().dropLast() : name[...]
    guard text.count > ending.count, text.suffix(ending.count).elementsEqual(ending) else {
      return nil
    }
    let stem = text.dropLast(ending.count)
    // It is not classic itself, or the whole would be.
    return isQuoted ? [quote] + stem + [quote] : Array(stem)
  }
}
