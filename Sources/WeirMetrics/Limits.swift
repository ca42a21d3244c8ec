/// The bounds that keep memory finite whatever is sent.
package struct Limits: Sendable {
  /// Series of all kinds together. A million counters take a few hundred MB.
  package var seriesMax = 1_000_000

  /// Labels of one series, as in Prometheus' own advice for scrape configurations.
  package var labelsPerSeriesMax = 64

  /// Bytes of one series' name and labels as they are exposed, escapes included.
  package var seriesBytesMax = 4_096

  package init() {}
}
