import WeirMetrics

/// All series of one name in a body that was pushed to a group, or in what a group shows.
package struct PushedFamily: Sendable, Equatable {
  package let name: [UInt8]
  /// Empty if the body has none.
  package var help: String
  package let type: ExposedType
  /// In the order of the body; none comes twice.
  package var series: [PushedSeries]

  package init(_ name: [UInt8], help: String = "", type: ExposedType, series: [PushedSeries]) {
    self.name = name
    self.help = help
    self.type = type
    self.series = series
  }
}

/// One series with its value.
package struct PushedSeries: Sendable, Equatable {
  /// `name{label="value",…}`, sorted by the names of the labels. Histograms and summaries are one series each,
  /// without `le` and `quantile`.
  package let spelling: [UInt8]
  package var value: PushedValue

  package init(_ spelling: [UInt8], _ value: PushedValue) {
    self.spelling = spelling
    self.value = value
  }
}

/// A value as it was pushed.
package enum PushedValue: Sendable, Equatable {
  /// Of a counter it is not negative and not NaN.
  case number(Double)
  case histogram(PushedHistogram)
  case summary(PushedSummary)
}

package struct PushedHistogram: Sendable, Equatable {
  package let bounds: HistogramBounds
  /// The count of each bucket alone, `+Inf` last; finite and not negative.
  package var buckets: [Double]
  /// Any number.
  package var sum: Double

  package init(_ bounds: HistogramBounds, buckets: [Double], sum: Double) {
    precondition(buckets.count == bounds.bucketCount)
    self.bounds = bounds
    self.buckets = buckets
    self.sum = sum
  }
}

package struct PushedSummary: Sendable, Equatable {
  package struct Quantile: Sendable, Equatable {
    /// From 0 to 1.
    package let quantile: Double
    package let value: Double

    package init(_ quantile: Double, _ value: Double) {
      self.quantile = quantile
      self.value = value
    }
  }

  /// Ascending.
  package let quantiles: [Quantile]
  package let sum: Double
  /// Finite and not negative.
  package let count: Double

  package init(_ quantiles: [Quantile], sum: Double, count: Double) {
    self.quantiles = quantiles
    self.sum = sum
    self.count = count
  }
}

extension PushedFamily {
  /// Writes one of its series after its head.
  ///
  /// - Parameter labels: The labels of a histogram's buckets.
  package static func write(
    _ series: PushedSeries, nameLength: Int, into encoder: inout ExpositionEncoder,
    labels: (HistogramBounds) -> BucketLabels
  ) {
    let spelling = series.spelling
    switch series.value {
    case .number(let value):
      encoder.sample(spelling.span, nameLength: nameLength, value)
    case .histogram(let histogram):
      encoder.histogram(
        spelling.span, nameLength: nameLength,
        HistogramReading(
          buckets: histogram.buckets[...], sum: histogram.sum,
          // A sum that strict readers do not allow is left out for them.
          tookNegative: !(histogram.sum >= 0)),
        labels: labels(histogram.bounds))
    case .summary(let summary):
      encoder.summary(
        spelling.span, nameLength: nameLength,
        SummaryReading(
          quantiles: summary.quantiles.map { ($0.quantile, $0.value) }, sum: summary.sum,
          count: summary.count, tookNegative: !(summary.sum >= 0)))
    }
  }
}
