/// What becomes of observations, which are a line's timings, distributions and histogram values:
/// histograms of one kind or two, or summaries.
package struct Observations: Sendable, Equatable {
  /// Of the classic buckets of each series. There are none where native histograms stand alone, and
  /// none in summaries: all that is counted is in the bucket `+Inf`.
  package let bounds: HistogramBounds
  /// How native histograms are kept; nil where they are not.
  package let native: NativeOptions?
  /// How summaries are kept; nil where observations become histograms.
  package let summary: SummaryOptions?

  /// Histograms with classic buckets alone.
  package static let standard = Observations.histogram(.standard)

  /// Histograms.
  ///
  /// - Parameter keepsClassic: Whether there are classic buckets beside the native ones.
  /// - Precondition: one of the two there is.
  package static func histogram(
    _ bounds: HistogramBounds, native: NativeOptions? = nil, keepsClassic: Bool = true
  ) -> Observations {
    precondition(keepsClassic || native != nil)
    return Observations(
      bounds: keepsClassic ? bounds : HistogramBounds(upper: []), native: native, summary: nil)
  }

  /// Summaries.
  package static func summary(_ options: SummaryOptions) -> Observations {
    Observations(bounds: HistogramBounds(upper: []), native: nil, summary: options)
  }

  /// Whether a series keeps more than its row of numbers.
  package var keepsMore: Bool { native != nil || summary != nil }

  /// The label that a series' own lines differ in, so that no sender may have it.
  package var ownLabel: String { summary == nil ? "le" : "quantile" }

  /// Lines that a series takes in a scrape's text.
  package var linesPerSeries: Int { (summary?.quantiles.count ?? bounds.bucketCount) + 2 }
}
