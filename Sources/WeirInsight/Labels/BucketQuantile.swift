import WeirMetrics

/// Quantiles of a histogram with classic buckets, as `histogram_quantile` of Prometheus estimates them.
package enum BucketQuantile {
  /// The value below which this share of the observations is, on a straight line within its bucket.
  ///
  /// Nothing is known of where in `+Inf` a value is: there it is the greatest bound. The lowest bucket begins at
  /// 0, if its bound is above 0, and is its bound otherwise.
  ///
  /// - Parameters:
  ///   - fraction: From 0 to 1.
  ///   - counts: Of each bucket alone, `+Inf` last.
  /// - Returns: NaN without observations, and without bounds.
  /// - Complexity: O(buckets).
  package static func value(
    _ fraction: Double, upper: [Double], counts: some Collection<Double>
  ) -> Double {
    let total = counts.reduce(0) { $0 + max($1, 0) }
    guard total > 0, let greatest = upper.last else { return .nan }
    let rank = fraction * total
    var below = 0.0
    for (index, (bound, count)) in zip(upper, counts).enumerated() {
      let count = max(count, 0)
      if below + count >= rank {
        if index == 0, bound <= 0 { return bound }
        let start = index == 0 ? 0 : upper[index - 1]
        return count == 0 ? start : start + (bound - start) * ((rank - below) / count)
      }
      below += count
    }
    return greatest
  }
}
