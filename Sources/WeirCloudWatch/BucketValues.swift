import WeirMetrics

/// What a histogram gained, as values with counts: one value a bucket.
///
///     bounds        0.1        0.5        1          +Inf
///     buckets    n0   |   n1   |   n2   |   n3
///     values    ──v0──|────v1──|────v2──|─────v3─────▶      n0·v0 + n1·v1 + n2·v2 + n3·v3 = sum
///
/// In every bucket with bounds on both sides the value is at the same fraction of its width. The fraction is the one
/// for which the sum is that of the observations, so that an average is right, too. A bucket without an upper bound
/// takes what the others in their middle leave, or its lower bound if that is too little.
package enum BucketValues {
  package struct Weighted: Sendable, Equatable {
    package let value: Double
    package let count: Double

    package init(_ value: Double, _ count: Double) {
      self.value = value
      self.count = count
    }
  }

  /// - Parameters:
  ///   - buckets: The count of each bucket alone, `+Inf` last; none is negative.
  ///   - sum: The sum of the observations.
  /// - Returns: One value for each bucket that is not empty, in order. Their sum is `sum` as exactly as doubles
  ///   can have it.
  /// - Complexity: O(buckets).
  package static func place(
    _ bounds: HistogramBounds, buckets: [Double], sum: Double
  ) -> [Weighted] {
    precondition(buckets.count == bounds.bucketCount)
    let last = buckets.count - 1
    let filled = buckets.indices.filter { buckets[$0] > 0 }
    guard let first = filled.first else { return [] }
    if filled.count == 1 { return [Weighted(sum / buckets[first], buckets[first])] }
    let finite = filled.filter { $0 < last }
    let range = { (index: Int) in lower(index, bounds)...bounds.upper[index] }
    var rest = sum
    var endless: Double?
    if filled.last == last {
      let middles = finite.reduce(0) { $0 + buckets[$1] * middle(range($1)) }
      let value = max((sum - middles) / buckets[last], bounds.upper[last - 1])
      endless = value
      rest = sum - value * buckets[last]
    }
    let base = finite.reduce(0) { $0 + buckets[$1] * range($1).lowerBound }
    let width = finite.reduce(0) {
      $0 + buckets[$1] * (range($1).upperBound - range($1).lowerBound)
    }
    let fraction = width > 0 ? (rest - base) / width : 0
    var values = finite.map { index in
      let (low, high) = (range(index).lowerBound, range(index).upperBound)
      return Weighted(low + fraction * (high - low), buckets[index])
    }
    // The lowest bucket has no lower bound if there are negative values. It then takes what the others leave.
    if first == 0, !(0...1).contains(fraction) || width == 0 {
      values = finite.map { Weighted(middle(range($0)), buckets[$0]) }
      let others = values.dropFirst().reduce(0) { $0 + $1.value * $1.count }
      values[0] = Weighted((rest - others) / buckets[0], buckets[0])
    }
    return values + (endless.map { [Weighted($0, buckets[last])] } ?? [])
  }

  /// The lower bound of a bucket. The lowest one begins at 0, or at its upper bound if that is not above 0.
  private static func lower(_ index: Int, _ bounds: HistogramBounds) -> Double {
    index == 0 ? min(0, bounds.upper[0]) : bounds.upper[index - 1]
  }

  private static func middle(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) / 2
  }
}
