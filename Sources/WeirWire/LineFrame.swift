import WeirMetrics

/// Where a line is and where its name ends.
struct LineFrame {
  let start: Int
  /// The colon between the name and the first value.
  let nameEnd: Int
  let end: Int

  func sample(
    _ fields: SampleFields, firstValue: Int, valueCount: Int, isRelative: Bool,
    isNegative: Bool, options: StatsDOptions
  ) -> Sample {
    let tags = tags(fields, options)
    return Sample(
      nameStart: start, nameLength: nameEnd &- start, lineEnd: end,
      tagsStart: tags.lowerBound, tagsLength: tags.count,
      firstValue: firstValue, valueCount: valueCount, weight: 1 / fields.rate,
      kind: fields.type.kind, isRelative: isRelative,
      isNegative: isNegative)
  }

  /// The position of everything that can become a label: see `TagFields`.
  private func tags(_ fields: SampleFields, _ options: StatsDOptions) -> Range<Int> {
    let keepsTags = options.tagStyles.contains(.dogStatsD)
    let tags = keepsTags ? fields.tagsStart..<fields.tagsStart &+ fields.tagsLength : 0..<0
    guard options.containerLabel != nil, !fields.container.isEmpty else { return tags }
    guard keepsTags, fields.hasTags else { return fields.container }
    let container = fields.container
    return min(
      tags.lowerBound &- 2, container.lowerBound)..<max(
        tags.upperBound, container.upperBound)
  }
}
