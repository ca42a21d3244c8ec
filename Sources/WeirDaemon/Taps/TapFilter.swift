import WeirBytes
import WeirMetrics
import WeirSockets

/// Which lines a tap shows.
struct TapFilter: Sendable {
  /// Refused lines, and not accepted ones.
  var showsRefused = false
  /// For the name as sent; nil for any.
  var name: NameGlob?
  /// `key:value`, `key=value` as tags are sent; all must be there.
  var labels: [(key: [UInt8], value: [UInt8])] = []
  /// Empty for any.
  var networks = SourceNetworks()
  /// Of refused lines; nil for any.
  var reason: Refusal?

  /// Whether the filter needs to read the line, and not only where it comes from.
  var readsLine: Bool { name != nil || !labels.isEmpty }

  func admits(_ source: MessageSource) -> Bool {
    networks.isEmpty || source.address.map { networks.contains($0) } ?? false
  }

  /// Whether a line matches, from its first byte to its end.
  func matches(_ line: ArraySlice<UInt8>) -> Bool {
    if let name {
      let end = line.firstIndex { Self.nameEnds.contains($0) } ?? line.endIndex
      guard name.matches(line[line.startIndex..<end]) else { return false }
    }
    return labels.allSatisfy { label in
      Self.hasTag(label.key, UInt8(ascii: ":"), label.value, in: line)
        || Self.hasTag(label.key, UInt8(ascii: "="), label.value, in: line)
    }
  }

  /// A name ends at its value, or at tags of the styles that have them in the name.
  private static let nameEnds: [UInt8] = Array(":,;#[".utf8)
  private static let tagStarts: [UInt8] = Array("#,;[".utf8)
  private static let tagEnds: [UInt8] = Array(",;|:]\r\n".utf8)

  /// Whether the bytes `key`, a separator and `value` are a whole tag of the line.
  private static func hasTag(
    _ key: [UInt8], _ separator: UInt8, _ value: [UInt8], in line: ArraySlice<UInt8>
  ) -> Bool {
    let tag = key + [separator] + value
    var rest = line
    while rest.count >= tag.count {
      guard rest.starts(with: tag) else {
        rest = rest.dropFirst()
        continue
      }
      let isBegun =
        rest.startIndex > line.startIndex && tagStarts.contains(line[rest.startIndex - 1])
      let end = rest.startIndex + tag.count
      let isEnded = end == line.endIndex || tagEnds.contains(line[end])
      if isBegun && isEnded { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
