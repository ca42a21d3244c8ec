import WeirMetrics

/// The largest name, label and series among some series. They are compared with the limits on one series.
struct SpellingSizes: Sendable {
  private var series = 0
  private var name = 0
  private var labels = 0
  private var labelName = 0
  private var labelValue = 0

  mutating func add(_ check: SpellingCheck, _ bytes: Int) {
    series = max(series, bytes)
    name = max(name, check.nameBytes)
    labels = max(labels, check.labelCount)
    labelName = max(labelName, check.longestLabelName)
    labelValue = max(labelValue, check.longestLabelValue)
  }

  func exceed(_ limits: SeriesLimits) -> Bool { limitExceeded(limits) != nil }

  /// A limit that is exceeded.
  func limitExceeded(_ limits: SeriesLimits) -> LimitName? {
    if series > limits.seriesBytesMax { return .seriesBytes }
    if name > limits.nameBytesMax { return .nameBytes }
    if labels > limits.labelsPerSeriesMax { return .labelsPerSeries }
    // The limit is without the prefix that Weir puts before some names.
    if labelName > limits.labelNameBytesMax + "exported_".utf8.count { return .labelNameBytes }
    if labelValue > limits.labelValueBytesMax { return .labelValueBytes }
    return nil
  }
}
