/// The upper bounds of a histogram's buckets, ascending; the bucket above them all is implied.
@usableFromInline
package struct HistogramBounds: Sendable, Equatable {
  /// Finite upper bounds, each inclusive (Prometheus' `le`).
  @usableFromInline package let upper: [Double]

  /// Seconds, from a fast cache hit to a long completion of a language model.
  package static let standard = HistogramBounds(upper: [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
  ])

  /// - Precondition: the bounds are finite and strictly ascending.
  package init(upper: [Double]) {
    precondition(upper.allSatisfy(\.isFinite) && zip(upper, upper.dropFirst()).allSatisfy(<))
    self.upper = upper
  }

  /// Buckets, with the one that is `+Inf`.
  @inlinable
  package var bucketCount: Int { upper.count &+ 1 }

  /// The bucket that an observation falls in: how many bounds lie below it.
  ///
  /// Every bound is compared, for a branch that guesses wrong costs more than fourteen compares.
  /// - Complexity: O(bounds).
  @inlinable
  @inline(__always)
  package func bucket(of value: Double) -> Int {
    var below = 0
    for index in upper.indices { below &+= upper[index] < value ? 1 : 0 }
    return below
  }
}
