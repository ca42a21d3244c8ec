import WeirMetrics

/// What a pushed body may have.
package struct PushedBodyLimits: Sendable {
  /// Series of all names.
  package var seriesMax: Int
  /// Bytes of names and labels.
  package var series: SeriesLimits

  package init(seriesMax: Int, series: SeriesLimits = SeriesLimits()) {
    self.seriesMax = seriesMax
    self.series = series
  }

  /// Quantiles of a summary.
  static let quantilesMax = 200
}
