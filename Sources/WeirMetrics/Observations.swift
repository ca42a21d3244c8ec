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

/// How native histograms are kept.
package struct NativeOptions: Sendable, Equatable {
  /// The finest that a histogram is ever in.
  package var schema: ExponentialSchema
  /// Positive and negative buckets of one series. At the coarsest schema there may be more:
  /// `ExponentialSchema.coarsestBuckets`.
  package var bucketsMax: Int

  /// Of 12 bytes each, so that no series takes more than 4 KiB. A factor of 1.1 between two bounds lets
  /// them span a million from the least to the greatest.
  package static let bucketsMaxDefault = 160

  package init(
    schema: ExponentialSchema = ExponentialSchema(growthFactor: 1.1),
    bucketsMax: Int = NativeOptions.bucketsMaxDefault
  ) {
    self.schema = schema
    self.bucketsMax = bucketsMax
  }
}

/// How summaries are kept.
package struct SummaryOptions: Sendable, Equatable {
  /// Ascending, from 0 to 1.
  package var quantiles: [Double]
  /// How old an observation may be that the quantiles tell of.
  package var maxAgeSeconds: Int
  /// In how many steps observations leave.
  package var ageBuckets: Int

  /// - Precondition: the quantiles are from 0 to 1 and strictly ascending, there is an age bucket, and
  ///   each of them lasts for a second at least.
  package init(
    quantiles: [Double] = [0.5, 0.9, 0.99], maxAgeSeconds: Int = 600, ageBuckets: Int = 5
  ) {
    precondition(quantiles.allSatisfy { (0...1).contains($0) })
    precondition(zip(quantiles, quantiles.dropFirst()).allSatisfy(<))
    precondition(ageBuckets > 0 && maxAgeSeconds >= ageBuckets)
    self.quantiles = quantiles
    self.maxAgeSeconds = maxAgeSeconds
    self.ageBuckets = ageBuckets
  }
}
