// Safety: a mask of eight lanes has the layout of its eight integers, which are 0 or -1.

/// The upper bounds of a histogram's buckets, ascending; the bucket above them all is implied.
@usableFromInline
package struct HistogramBounds: Sendable, Hashable {
  /// Finite upper bounds, each inclusive (Prometheus' `le`).
  @usableFromInline package let upper: [Double]
  /// The same, eight to a vector, the last filled up with infinity.
  @usableFromInline let lanes: [SIMD8<Double>]

  /// Seconds, from a fast cache hit to a long completion of a language model.
  package static let standard = HistogramBounds(upper: [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
  ])

  /// No bounds: all is counted in the bucket `+Inf`.
  package static let none = HistogramBounds(upper: [])

  /// The most bounds that a histogram may have.
  package static let countMax = 200

  /// - Precondition: the bounds are finite and strictly ascending.
  package init(upper: [Double]) {
    precondition(upper.allSatisfy(\.isFinite) && zip(upper, upper.dropFirst()).allSatisfy(<))
    self.upper = upper
    lanes = stride(from: 0, to: upper.count, by: 8).map { start in
      var lanes = SIMD8(repeating: Double.infinity)
      for index in start..<min(start + 8, upper.count) { lanes[index - start] = upper[index] }
      return lanes
    }
  }

  @usableFromInline
  package static func == (left: HistogramBounds, right: HistogramBounds) -> Bool {
    left.upper == right.upper
  }

  @usableFromInline
  package func hash(into hasher: inout Hasher) { hasher.combine(upper) }

  /// Buckets, with the one that is `+Inf`.
  @inlinable
  package var bucketCount: Int { upper.count &+ 1 }

  /// The bucket that an observation falls in: how many bounds lie below it.
  ///
  /// Every bound is compared, for a branch that guesses wrong costs more than all of them.
  /// - Complexity: O(bounds), eight a step.
  @inlinable
  @inline(__always)
  package func bucket(of value: Double) -> Int {
    var below = SIMD8<Int64>.zero
    for index in lanes.indices {
      // A lane that is true is -1.
      below &-= unsafe unsafeBitCast(lanes[index] .< value, to: SIMD8<Int64>.self)
    }
    let four = below.lowHalf &+ below.highHalf
    let two = four.lowHalf &+ four.highHalf
    return Int(two.x &+ two.y)
  }
}
