import WeirMetrics

/// One histogram as it was when it was read.
package struct HistogramReading: Sendable {
  /// The count of each classic bucket alone, `+Inf` last.
  package var buckets: ArraySlice<Double>
  package var sum: Double
  /// The same observations in exponential buckets, if they are kept.
  package var native: NativeHistogram?
  /// When it was first seen, in seconds since 1970; nil if unknown.
  package var startUnixSeconds: UInt32?
  /// By classic bucket; each has at most one.
  package var exemplars: [Int: Exemplar]
  /// Whether it has ever taken a negative value, so that its sum may fall.
  package var tookNegative: Bool

  package init(
    buckets: ArraySlice<Double>, sum: Double, native: NativeHistogram? = nil,
    startUnixSeconds: UInt32? = nil, exemplars: [Int: Exemplar] = [:], tookNegative: Bool = false
  ) {
    self.tookNegative = tookNegative
    self.buckets = buckets
    self.sum = sum
    self.native = native
    self.startUnixSeconds = startUnixSeconds
    self.exemplars = exemplars
  }

  /// The count of a bucket and all below it. Rounding may leave a bucket slightly below 0, which
  /// must not make a count fall, and two saturated buckets would add up to infinity.
  func cumulative(_ below: Double, _ bucket: Double) -> Double {
    CompensatedSum.clamped(below + max(bucket, 0))
  }
}

/// One summary as it was when it was read.
package struct SummaryReading: Sendable {
  /// Ascending by quantile. A value is NaN if there were no recent observations.
  package var quantiles: [(quantile: Double, value: Double)]
  package var sum: Double
  package var count: Double
  /// As in `HistogramReading`.
  package var startUnixSeconds: UInt32?
  package var tookNegative: Bool

  package init(
    quantiles: [(quantile: Double, value: Double)], sum: Double, count: Double,
    startUnixSeconds: UInt32? = nil, tookNegative: Bool = false
  ) {
    self.tookNegative = tookNegative
    self.quantiles = quantiles
    self.sum = sum
    self.count = count
    self.startUnixSeconds = startUnixSeconds
  }
}
