/// The upper bounds of a histogram's buckets, ascending. The bucket `+Inf` above them is implied.
package struct HistogramBounds: Sendable, Hashable {
  /// Finite upper bounds, each inclusive (Prometheus' `le`).
  package let upper: [Double]

  /// Seconds, from a fast cache hit to a long completion of a language model.
  package static let standard = HistogramBounds(upper: [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
  ])

  /// No bounds: all observations are in the bucket `+Inf`.
  package static let none = HistogramBounds(upper: [])

  /// The most bounds that a histogram may have.
  package static let countMax = 200

  /// - Precondition: the bounds are finite and strictly ascending.
  package init(upper: [Double]) {
    precondition(upper.allSatisfy(\.isFinite) && zip(upper, upper.dropFirst()).allSatisfy(<))
    self.upper = upper
  }

  /// The number of buckets, including `+Inf`.
  package var bucketCount: Int { upper.count + 1 }

  /// The bucket of an observation: the number of bounds below it. The hot path uses `BucketSearch`.
  ///
  /// - Complexity: O(log bounds).
  package func bucket(of value: Double) -> Int {
    var (low, high) = (0, upper.count)
    while low < high {
      let middle = (low + high) / 2
      if upper[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
