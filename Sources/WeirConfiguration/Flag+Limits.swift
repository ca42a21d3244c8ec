extension Flag {
  /// The flags of the limits that keep memory finite, those on number first.
  static let limit: [Flag] = [
    .count(
      "limit.series", \.limit.series, of: "series", upTo: Limits.seriesMax,
      help: "Series of all names together, a histogram being one."),
    .count(
      "limit.series-per-name", \.limit.seriesPerName, of: "series", upTo: Limits.seriesMax,
      help: "Series of one name."),
    .count(
      "limit.names", \.limit.names, of: "names", upTo: Limits.seriesMax,
      help: "Distinct names of metrics."),
    .count(
      "limit.sets", \.limit.sets, of: "sets", upTo: Limits.seriesMax,
      help: "Sets (type s), each of which may take 4 KiB."),
    .bytes(
      "limit.exposed-bytes", \.limit.exposedBytes, upTo: Limits.exposedBytesMax,
      help: "Bytes that the names and labels of all series take in a scrape."),
    .choice(
      "limit.overflow", \.limit.overflow,
      help: """
        What becomes of samples whose series would be one too many by the limits above: they are \
        refused (refuse), or all of a name's go to one series name{weir_overflow="true"} \
        (series), but for gauges, which are refused.
        """),
    .count(
      "limit.labels-per-series", \.limit.labelsPerSeries, of: "labels",
      upTo: Limits.labelsPerSeriesMax,
      help: "Labels of one series; the lines with more are refused."),
    .bytes(
      "limit.name-bytes", \.limit.nameBytes, upTo: Limits.seriesBytesMax,
      help: "Bytes of a metric's name."),
    .bytes(
      "limit.label-name-bytes", \.limit.labelNameBytes, upTo: Limits.seriesBytesMax,
      help: "Bytes of a label's name."),
    .bytes(
      "limit.label-value-bytes", \.limit.labelValueBytes, upTo: Limits.seriesBytesMax,
      help: "Bytes of a label's value."),
    .bytes(
      "limit.series-bytes", \.limit.seriesBytes, upTo: Limits.seriesBytesMax,
      help: """
        Bytes of a series' name and labels together, as a scrape shows them. As sent, name and \
        tags may have twice as many.
        """),
  ]

  /// A flag whose value is a number from 1 to `max` of `noun`.
  static func count(
    _ name: String, _ path: OptionPath<Int>, of noun: String, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "COUNT", path, help: help, shown: { "\($0)" },
      parse: { value throws(UsageError) in
        guard let count = Decimal.parse(value[...]), 1...max ~= count else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of \(noun); write one from 1 to \(max)")
        }
        return count
      })
  }

  /// A flag whose value is a number of bytes from `min` to `max`.
  static func bytes(
    _ name: String, _ path: OptionPath<Int>, from min: Int = 1, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "BYTES", path, help: help, shown: ByteCount.text,
      parse: { value throws(UsageError) in
        guard let bytes = ByteCount.parse(value), min...max ~= bytes else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of bytes; "
              + "write one from \(min) to \(ByteCount.text(max)), such as 2000 or 2KiB")
        }
        return bytes
      })
  }
}
