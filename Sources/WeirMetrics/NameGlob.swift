/// A pattern for names of metrics as a scrape shows them. `*` matches any run of characters,
/// including none. Every other character matches itself.
package struct NameGlob: Sendable, Hashable, CustomStringConvertible {
  /// The literal parts between the stars, in order; one part if there is no star.
  private let parts: [[UInt8]]

  package init(_ text: String) {
    parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
      .map(Array.init)
  }

  /// The pattern as it was written.
  package var description: String {
    parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "*")
  }

  /// Whether a name matches.
  ///
  /// Each part is matched at its first possible place. This finds a match if there is one.
  ///
  /// - Complexity: O(name · pattern), in practice O(name).
  package func matches(_ name: some RandomAccessCollection<UInt8>) -> Bool {
    var rest = name[...]
    guard parts.count > 1 else { return rest.elementsEqual(parts[0]) }
    guard rest.starts(with: parts[0]) else { return false }
    rest = rest.dropFirst(parts[0].count)
    for part in parts[1..<parts.count - 1] {
      while !rest.starts(with: part) {
        if rest.isEmpty { return false }
        rest = rest.dropFirst()
      }
      rest = rest.dropFirst(part.count)
    }
    let last = parts[parts.count - 1]
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
  }
}
