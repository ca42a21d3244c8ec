/// The bounds that keep memory finite whatever is sent.
package struct Limits: Sendable {
  /// Series of all kinds together. A million of them, half counters and half histograms with short
  /// names, take some 400 MB.
  package var seriesMax = 1_000_000

  /// Bytes of all names and labels as a scrape shows them, a histogram's once a bucket. What is longer
  /// no Prometheus reads in time, and long names would take more memory than `seriesMax` suggests.
  package var exposedBytesMax = 1 << 30

  /// Labels of one series, as in Prometheus' own advice for scrape configurations.
  package var labelsPerSeriesMax = 64

  /// Bytes of a line's name and tags as they are sent; longer ones are not even read.
  package var identityBytesMax = 8_192

  /// Bytes of one series' name and labels as they are exposed, escapes included.
  package var seriesBytesMax = 4_096

  package init() {}
}
