// Safety: a mask of eight lanes has the layout of its eight integers, which are 0 or -1.

/// Finds the bucket of a value, for one list of bounds: the hot path's form of `HistogramBounds`.
///
///     bounds   1  5  10 │ ∞  ∞  ∞  ∞  ∞      eight to a vector, the last one filled up
///     value 7  1  1   0 │ 0  0  0  0  0      1 where the bound is below the value
///              the sum, 2, is the bucket
///
/// It can't be copied, so that a search in place needs no reference counting.
@usableFromInline
package struct BucketSearch: ~Copyable, Sendable {
  @usableFromInline let lanes: [SIMD8<Double>]

  package init(_ bounds: HistogramBounds) {
    lanes = stride(from: 0, to: bounds.upper.count, by: 8).map { start in
      var lanes = SIMD8(repeating: Double.infinity)
      for index in start..<min(start + 8, bounds.upper.count) {
        lanes[index - start] = bounds.upper[index]
      }
      return lanes
    }
  }

  /// The bucket of an observation: the number of bounds below it.
  ///
  /// Every bound is compared, because a wrongly predicted branch costs more than all comparisons.
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
