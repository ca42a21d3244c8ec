import WeirMetrics

/// The total of a histogram with exponential buckets.
struct ExponentialTotal: Sendable {
  var buckets: NativeHistogram
  /// How many observations are known to be no greater than each classic bound of the series: the
  /// maximum over all frames. Empty until the first frame.
  ///
  /// A frame in a coarser schema says less about the lower bounds than a finer one before it. So
  /// the counts of the last frame alone would depend on the order of arrival, and could fall.
  var cumulative: [Double] = []
  var sum = 0.0
  /// The number of observations in the sum.
  var count = 0.0

  init(_ schema: ExponentialSchema) {
    buckets = NativeHistogram(schema: schema)
  }

  /// The memory of a total without buckets: three lists, each with the head of an array.
  static let bytesMin = MemoryLayout<ExponentialTotal>.stride + 3 * 32

  /// The memory of the total in bytes. Spare room in its lists is at most the size of the buckets plus 16 buckets. It is
  /// not counted, because it differs between the nodes of a cluster, and after a restart.
  var bytesHeld: Int {
    ExponentialTotal.bytesMin + buckets.bytesOfBuckets
      + cumulative.count * MemoryLayout<Double>.stride
  }

  /// Sets the total to a record's total.
  mutating func takeBaseline(_ arriving: NativeHistogram, sum: Double, bounds: HistogramBounds) {
    _ = buckets.raise(to: arriving)
    raiseCumulative(to: arriving, bounds: bounds)
    (count, self.sum) = (arriving.count, sum)
  }

  /// Raises the count at each classic bound to that of a frame.
  mutating func raiseCumulative(to arriving: NativeHistogram, bounds: HistogramBounds) {
    precondition(cumulative.isEmpty || cumulative.count == bounds.bucketCount)
    var told = [Double](repeating: 0, count: bounds.bucketCount)
    arriving.forEachBucket { value, count in told[bounds.bucket(of: value)] += count }
    if cumulative.isEmpty { cumulative = [Double](repeating: 0, count: bounds.bucketCount) }
    var sum = 0.0
    for bucket in told.indices {
      sum = CompensatedSum.clamped(sum + told[bucket])
      cumulative[bucket] = max(cumulative[bucket], sum)
    }
  }

  /// The same total for a series with other classic bounds.
  func refolded(into bounds: HistogramBounds) -> ExponentialTotal {
    var total = self
    total.cumulative = []
    if !cumulative.isEmpty { total.raiseCumulative(to: buckets, bounds: bounds) }
    return total
  }

  /// The part of `cumulative` that was given to the series, which is what exceeds `baseline`.
  ///
  /// A baseline in a coarser schema says less about the lower bounds than later frames. What is
  /// given at one bound is never more than at a higher one, so that no observation of the baseline
  /// is counted again.
  func given(over baseline: [Double]) -> [Double] {
    guard !baseline.isEmpty, !cumulative.isEmpty else { return cumulative }
    var given = cumulative
    var least = Double.infinity
    for bucket in given.indices.reversed() {
      least = min(least, max(0, cumulative[bucket] - baseline[bucket]))
      given[bucket] = least
    }
    return given
  }
}
