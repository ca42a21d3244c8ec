import WeirMetrics
import WeirSockets

/// Which lines a tap shows.
struct TapFilter: Sendable {
  /// Refused lines, and not accepted ones.
  var showsRefused = false
  /// For the name as sent, with or without tags that are in it; nil for any.
  var name: NameGlob?
  /// Tags as they are sent, `key:value` and `key=value` of each; one of each must be there.
  private(set) var tags: [(colon: [UInt8], equals: [UInt8])] = []
  /// Empty for any.
  var networks = SourceNetworks()
  /// Of refused lines; nil for any.
  var reason: Refusal?

  /// Whether the filter needs to read the line, and not only where it comes from.
  var readsLine: Bool { name != nil || !tags.isEmpty }

  mutating func add(label key: [UInt8], value: [UInt8]) {
    tags.append((key + [UInt8(ascii: ":")] + value, key + [UInt8(ascii: "=")] + value))
  }

  func admits(_ source: MessageSource) -> Bool {
    networks.isEmpty || source.address.map { networks.contains($0) } ?? false
  }

  /// Whether a line matches.
  ///
  /// - Parameter range: The line, from its name to its end.
  /// - Complexity: O(line · tags). Allocates only for a pattern of the name.
  func matches(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let colon = first(UInt8(ascii: ":"), bytes, range) ?? range.upperBound
    if let name, !matches(name, bytes, range.lowerBound..<colon) { return false }
    if tags.isEmpty { return true }
    let bar = first(UInt8(ascii: "|"), bytes, range) ?? range.upperBound
    return tags.allSatisfy { tag in
      contains(tag.colon, bytes, range, bar: bar) || contains(tag.equals, bytes, range, bar: bar)
    }
  }

  private func first(_ byte: UInt8, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    range.first { bytes[$0] == byte }
  }

  /// Marks before tags that are in the name.
  private static let nameMarks: [UInt8] = Array("#,;[".utf8)

  private func matches(_ glob: NameGlob, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let text = range.map { bytes[$0] }
    if glob.matches(text) { return true }
    let end = text.firstIndex { TapFilter.nameMarks.contains($0) } ?? text.endIndex
    return end < text.endIndex && glob.matches(text[..<end])
  }

  /// Whether a whole tag of the line is these bytes.
  ///
  /// - Parameter bar: Where the name and the value end.
  private func contains(
    _ tag: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>, bar: Int
  ) -> Bool {
    guard range.count > tag.count else { return false }
    for start in range.lowerBound + 1...range.upperBound - tag.count {
      guard bytes[start] == tag[0], TapFilter.nameMarks.contains(bytes[start - 1]) else { continue }
      let end = start + tag.count
      guard tag.indices.allSatisfy({ bytes[start + $0] == tag[$0] }) else { continue }
      guard end < range.upperBound else { return true }
      switch bytes[end] {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "]"): return true
      // The value begins there, if the tags are in the name.
      case UInt8(ascii: ":"): if start < bar { return true }
      default: break
      }
    }
    return false
  }
}
