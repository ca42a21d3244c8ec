import WeirBytes
import WeirMetrics

/// Reads names and tags in the five styles.
///
/// The first mark in the name that begins tags (`NameTags`) decides its style: `,` InfluxDB, `#`
/// Librato, `[` SignalFx, `;` Graphite. A line with tags of a second style after it, or with
/// DogStatsD tags as well, is refused, because its meaning is not clear. (A comma is not a second
/// mark in Librato's or SignalFx' own tags, nor is a `#` in Librato's.)
package struct StatsDIdentityReader: IdentityReader {
  private let styles: TagStyles
  private let valueless: StatsDOptions.ValuelessTags
  private let keepsUnclosedBrackets: Bool
  /// As bytes; empty for none.
  private let containerLabel: [UInt8]

  private static let isTrue = Array("true".utf8)
  private static let internalPrefix = Array("dd.internal.".utf8)

  package init(options: StatsDOptions = StatsDOptions()) {
    styles = options.tagStyles
    valueless = options.valuelessTags
    keepsUnclosedBrackets = options.keepsUnclosedBrackets
    containerLabel = Array((options.containerLabel ?? "").utf8)
  }

  package func identity(
    of sample: Sample, in bytes: Span<UInt8>
  ) throws(Refusal) -> RawIdentity {
    let start = Int(sample.nameStart)
    let end = start + Int(sample.nameLength)
    let fields = TagFields(sample, in: bytes)
    let container = containerLabel.isEmpty ? 0..<0 : fields.container
    if let found = NameTags(bytes, from: start, to: end, styles: styles) {
      let isOpen =
        keepsUnclosedBrackets && bytes[found.mark] == UInt8(ascii: "[")
        && bytes.firstIndex(of: BytePattern(UInt8(ascii: "]")), from: found.mark, to: end) == end
      if !isOpen {
        if !fields.tags.isEmpty, styles.contains(.dogStatsD) { throw .mixedTagStyles }
        var identity = try nameWithTags(bytes, from: start, mark: found.mark, to: end)
        identity.container = container
        return identity
      }
    }
    return RawIdentity(
      name: start..<end, tags: styles.contains(.dogStatsD) ? fields.tags : 0..<0,
      container: container)
  }

  package func spell(
    _ identity: RawIdentity, as renamed: RenamedIdentity?, kind: MetricKind, asked: AskedClass,
    in bytes: Span<UInt8>, into series: inout SeriesBuilder
  ) throws(Refusal) {
    series.begin()
    if let renamed {
      series.appendName(renamed.name.span, from: 0, to: renamed.name.count)
    } else {
      series.appendName(bytes, from: identity.name.lowerBound, to: identity.name.upperBound)
      series.appendName(
        bytes, from: identity.nameRest.lowerBound, to: identity.nameRest.upperBound)
    }
    // Of two labels with one name the later one wins.
    if let renamed, renamed.honorsTags { try add(renamed.labels, to: &series) }
    try addTags(identity, in: bytes, to: &series)
    if let renamed, !renamed.honorsTags { try add(renamed.labels, to: &series) }
    try series.finish(kind: kind, asked: asked)
  }

  private func add(
    _ labels: [RenamedIdentity.Label], to series: inout SeriesBuilder
  ) throws(Refusal) {
    for label in labels { try series.addLabel(name: label.name, value: label.value) }
  }

  private func addTags(
    _ identity: RawIdentity, in bytes: Span<UInt8>, to series: inout SeriesBuilder
  ) throws(Refusal) {
    if identity.mark != 0 {
      try readTags(
        bytes, identity.tags, between: NameTags.separator(after: identity.mark),
        assigned: UInt8(ascii: "="), skipsHash: false, into: &series)
    } else if !identity.tags.isEmpty {
      try readTags(
        bytes, identity.tags, between: UInt8(ascii: ","), assigned: UInt8(ascii: ":"),
        skipsHash: true, into: &series)
    }
    if !identity.container.isEmpty {
      try series.addTag(
        containerLabel.span, name: containerLabel.indices, bytes, value: identity.container)
    }
  }

  private func nameWithTags(
    _ bytes: Span<UInt8>, from start: Int, mark: Int, to end: Int
  ) throws(Refusal) -> RawIdentity {
    let own = bytes[mark]
    var identity = RawIdentity(name: start..<mark, mark: own)
    var tagsEnd = end
    if own == UInt8(ascii: "[") {
      tagsEnd = bytes.firstIndex(of: BytePattern(UInt8(ascii: "]")), from: mark, to: end)
      if tagsEnd == end { throw .unclosedTags }
      try refuseTags(bytes, from: tagsEnd + 1, to: end)
      identity.nameRest = tagsEnd + 1..<end
    }
    try refuseTags(bytes, from: mark + 1, to: tagsEnd, of: own)
    identity.tags = mark + 1..<tagsEnd
    return identity
  }

  /// Refuses tags of a second style among tags, or any tags after a bracket that has closed.
  ///
  /// - Parameter own: The mark of the current style; nil after a bracket.
  private func refuseTags(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, of own: UInt8? = nil
  ) throws(Refusal) {
    let bracket = UInt8(ascii: "[")
    for index in start..<end where styles.isMark(bytes[index]) {
      let byte = bytes[index]
      if own == bracket, byte == bracket { throw .unclosedTags }
      if let own, byte == own || byte == NameTags.separator(after: own) { continue }
      if NameTags.beginsTags(bytes, at: index, to: end, styles: styles) {
        throw own == nil && byte == bracket ? .unclosedTags : .mixedTagStyles
      }
    }
  }

  /// Reads a list of tags. The value is everything after the first `assigned`.
  private func readTags(
    _ bytes: Span<UInt8>, _ list: Range<Int>, between separator: UInt8, assigned: UInt8,
    skipsHash: Bool, into series: inout SeriesBuilder
  ) throws(Refusal) {
    let end = list.upperBound
    var tagStart = list.lowerBound
    while tagStart <= end {
      let tagEnd = bytes.firstIndex(of: BytePattern(separator), from: tagStart, to: end)
      var nameStart = tagStart
      if skipsHash, nameStart < tagEnd, bytes[nameStart] == UInt8(ascii: "#") { nameStart += 1 }
      let split = bytes.firstIndex(of: BytePattern(assigned), from: nameStart, to: tagEnd)
      if isInternal(bytes, nameStart..<split) {
        series.dropInternalTag()
      } else if split < tagEnd {
        try series.addTag(
          bytes, nameFrom: nameStart, to: split, valueFrom: split + 1, to: tagEnd)
      } else if valueless == .isTrue {
        let value = StatsDIdentityReader.isTrue
        try series.addTag(bytes, name: nameStart..<split, value.span, value: value.indices)
      } else {
        series.dropTag()
      }
      tagStart = tagEnd + 1
    }
  }

  /// Whether a tag tells Datadog's agent where a line comes from, like the field `c:`.
  private func isInternal(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    let prefix = StatsDIdentityReader.internalPrefix
    guard name.count >= prefix.count else { return false }
    return prefix.indices.allSatisfy { bytes[name.lowerBound + $0] == prefix[$0] }
  }
}
