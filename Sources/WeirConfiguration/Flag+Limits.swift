import WeirMetrics

extension Flag {
  /// The flags of the limits that bound memory, first those on how many there may be.
  static let limit: [Flag] = [
    .count(
      "limit.series", \.limits.seriesMax, of: "series", upTo: FlagBounds.seriesMax,
      help: "Series of all names together; a histogram is one series."),
    .count(
      "limit.series-per-name", \.limits.seriesPerNameMax, of: "series", upTo: FlagBounds.seriesMax,
      help: "Series of one name."),
    .count(
      "limit.names", \.limits.namesMax, of: "names", upTo: FlagBounds.seriesMax,
      help: "Distinct metric names."),
    .count(
      "limit.sets", \.limits.setsMax, of: "sets", upTo: FlagBounds.seriesMax,
      help: "Sets (type s), each of which may take 20 KiB."),
    .bytes(
      "limit.exposed-bytes", \.limits.exposedBytesMax, upTo: FlagBounds.exposedBytesMax,
      help: "Bytes that the names and labels of all series take in a scrape."),
    .choice(
      "limit.overflow", \.limits.overflow,
      help: """
        What happens to samples whose new series would exceed one of the limits above: they are \
        refused (refuse), or all such samples of a name are counted in one series \
        name{weir_overflow="true"} (series). Gauges are always refused.
        """),
    .count(
      "limit.labels-per-series", \.limits.labelsPerSeriesMax, of: "labels",
      upTo: FlagBounds.labelsPerSeriesMax,
      help: "Labels of one series; lines with more are refused."),
    .bytes(
      "limit.name-bytes", \.limits.nameBytesMax, upTo: FlagBounds.seriesBytesMax,
      help: "Bytes of a metric name."),
    .bytes(
      "limit.label-name-bytes", \.limits.labelNameBytesMax, upTo: FlagBounds.seriesBytesMax,
      help: "Bytes of a label name."),
    .bytes(
      "limit.label-value-bytes", \.limits.labelValueBytesMax, upTo: FlagBounds.seriesBytesMax,
      help: "Bytes of a label value."),
    .bytes(
      "limit.series-bytes", \.limits.seriesBytesMax, upTo: FlagBounds.seriesBytesMax,
      help: """
        Bytes of a series' name and labels together, as a scrape shows them. As sent, name and \
        tags may have twice as many.
        """),
  ]
}
