import WeirBytes
import WeirMetrics

/// Reads names and tags in the four styles.
///
/// The first mark in the name decides its style: `,` InfluxDB, `#` Librato, `[` SignalFx. A second
/// style's mark behind it, or DogStatsD tags behind tags in the name, refuse the line, for there is
/// no telling what was meant. (A comma is no second mark in Librato's or SignalFx' own tags, nor a
/// `#` in Librato's.)
package struct StatsDIdentityReader: IdentityReader {
  let styles: TagStyles

  package init(styles: TagStyles = .all) {
    self.styles = styles
  }

  package func read(
    _ sample: Sample, in bytes: Span<UInt8>, into series: inout SeriesBuilder
  ) throws(Refusal) {
    series.begin()
    let start = Int(sample.nameStart)
    let end = start + Int(sample.nameLength)
    let mark = firstMark(bytes, from: start, to: end)
    if mark < end {
      if sample.tagsLength > 0 { throw .mixedTagStyles }
      try readNameWithTags(bytes, from: start, mark: mark, to: end, into: &series)
    } else {
      series.appendName(bytes, from: start, to: end)
      try readDogStatsDTags(bytes, sample, into: &series)
    }
    try series.finish(kind: sample.kind)
  }

  private func readDogStatsDTags(
    _ bytes: Span<UInt8>, _ sample: Sample, into series: inout SeriesBuilder
  ) throws(Refusal) {
    guard sample.tagsLength > 0 else { return }
    let end = Int(sample.tagsStart) + Int(sample.tagsLength)
    try readTags(
      bytes, from: Int(sample.tagsStart), to: end, separator: UInt8(ascii: ":"),
      skipsHash: true, into: &series)
  }

  private func readNameWithTags(
    _ bytes: Span<UInt8>, from start: Int, mark: Int, to end: Int,
    into series: inout SeriesBuilder
  ) throws(Refusal) {
    series.appendName(bytes, from: start, to: mark)
    let own = bytes[mark]
    var tagsEnd = end
    if own == UInt8(ascii: "[") {
      tagsEnd = bytes.firstIndex(of: BytePattern(UInt8(ascii: "]")), from: mark, to: end)
      if tagsEnd == end { throw .unclosedTags }
      let after = firstMark(bytes, from: tagsEnd + 1, to: end)
      if after < end { throw isBracket(bytes[after]) ? .unclosedTags : .mixedTagStyles }
      series.appendName(bytes, from: tagsEnd + 1, to: end)
    } else if own == UInt8(ascii: "]") {
      throw .unclosedTags
    }
    for index in mark + 1..<tagsEnd where bytes[index] != UInt8(ascii: ",") {
      guard isMark(bytes[index]) else { continue }
      if bytes[index] != own { throw .mixedTagStyles }
      if isBracket(own) { throw .unclosedTags }
    }
    try readTags(
      bytes, from: mark + 1, to: tagsEnd, separator: UInt8(ascii: "="), skipsHash: false,
      into: &series)
  }

  /// Reads `key<separator>value,key<separator>value…`; the value is all after the first separator.
  private func readTags(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, separator: UInt8, skipsHash: Bool,
    into series: inout SeriesBuilder
  ) throws(Refusal) {
    var tagStart = start
    while tagStart <= end {
      let tagEnd = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ",")), from: tagStart, to: end)
      var nameStart = tagStart
      if skipsHash, nameStart < tagEnd, bytes[nameStart] == UInt8(ascii: "#") { nameStart += 1 }
      let split = bytes.firstIndex(of: BytePattern(separator), from: nameStart, to: tagEnd)
      if split == tagEnd {
        series.dropTag()
      } else {
        try series.addTag(
          bytes, nameFrom: nameStart, to: split, valueFrom: split + 1, to: tagEnd)
      }
      tagStart = tagEnd + 1
    }
  }

  private func firstMark(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, !isMark(bytes[index]) { index += 1 }
    return index
  }

  private func isBracket(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
  }

  private func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","): styles.contains(.influxDB)
    case UInt8(ascii: "#"): styles.contains(.librato)
    case UInt8(ascii: "["), UInt8(ascii: "]"): styles.contains(.signalFx)
    default: false
    }
  }
}
