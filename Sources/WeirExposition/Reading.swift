import WeirMetrics

/// One histogram as it stood when it was read.
package struct HistogramReading: Sendable {
  /// What fell in each classic bucket alone, `+Inf` last.
  package var buckets: ArraySlice<Double>
  package var sum: Double
  /// The same observations in exponential buckets, if they are kept so.
  package var native: NativeHistogram?
  /// When it was first seen, in seconds since 1970; nil where that is not known.
  package var startUnixSeconds: UInt32?
  /// By classic bucket, of which each has one at most.
  package var exemplars: [Int: Exemplar]
  /// Whether it ever took a negative value, so that its sum need not grow.
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

  /// What lies in a bucket and all below it. Rounding may leave a bucket a little below 0, which must not
  /// make a count fall, and two buckets that are full would make an infinity.
  func cumulative(_ below: Double, _ bucket: Double) -> Double {
    CompensatedSum.clamped(below + max(bucket, 0))
  }
}

/// One summary as it stood when it was read.
package struct SummaryReading: Sendable {
  /// Ascending by quantile. NaN for a value where nothing was observed lately.
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
