// Safety: `lanes` points to `count` initialised vectors, is owned by this type alone, and is freed once,
// in `deinit`. Every index into it is below `count`. A mask of eight lanes has the layout of its eight
// integers, which are 0 or -1.

/// Finds the bucket of a value, for one list of bounds, in memory of its own: a search on the hot path
/// shares no reference count with other threads.
///
///     bounds   1  5  10 │ ∞  ∞  ∞  ∞  ∞      eight to a vector, the last one filled up
///     value 7  1  1   0 │ 0  0  0  0  0      1 where the bound is below the value
///              the sum, 2, is the bucket
@usableFromInline
@safe package struct BucketSearch: ~Copyable {
  @usableFromInline let lanes: UnsafeMutablePointer<SIMD8<Double>>
  @usableFromInline let count: Int

  package init(_ bounds: HistogramBounds) {
    count = (bounds.upper.count + 7) / 8
    unsafe lanes = .allocate(capacity: max(count, 1))
    unsafe lanes.initialize(repeating: SIMD8(repeating: .infinity), count: max(count, 1))
    for (index, bound) in bounds.upper.enumerated() {
      unsafe lanes[index / 8][index % 8] = bound
    }
  }

  deinit { unsafe lanes.deallocate() }

  /// The bucket of an observation: the number of bounds below it.
  ///
  /// Every bound is compared, because a branch that is predicted wrongly costs more than all of them.
  /// - Complexity: O(bounds), eight a step.
  @inlinable
  @inline(__always)
  package func bucket(of value: Double) -> Int {
    var below = SIMD8<Int64>.zero
    var index = 0
    while index < count {
      // A lane that is true is -1.
      below &-= unsafe unsafeBitCast(lanes[index] .< value, to: SIMD8<Int64>.self)
      index &+= 1
    }
    let four = below.lowHalf &+ below.highHalf
    let two = four.lowHalf &+ four.highHalf
    return Int(two.x &+ two.y)
  }
}
