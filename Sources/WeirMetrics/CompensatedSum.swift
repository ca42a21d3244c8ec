/// A sum of doubles that keeps what rounding would lose.
///
/// In addition to the rounded sum it keeps the sum of all rounding errors, each of them exact
/// (Knuth's TwoSum; Ogita, Rump and Oishi, "Accurate sum and dot product", 2005). A million small
/// values added to a big one are all counted. The sum saturates at the greatest finite double,
/// because an infinity could never become finite again.
@usableFromInline
package struct CompensatedSum: Sendable, Equatable {
  @usableFromInline package var sum: Double
  @usableFromInline package var error: Double

  @inlinable
  package init(sum: Double = 0, error: Double = 0) {
    self.sum = sum
    self.error = error
  }

  /// The sum, rounded once. Never infinite, never NaN. Adding a value that is not negative never
  /// lowers it.
  @inlinable
  package var value: Double { CompensatedSum.clamped(sum + error) }

  /// - Precondition: `value` is finite.
  @inlinable
  @inline(__always)
  package mutating func add(_ value: Double) {
    let total = sum + value
    let back = total - sum
    let lost = (sum - (total - back)) + (value - back)
    if lost.isFinite && total.isFinite {
      sum = total
      error += lost
    } else {
      sum = CompensatedSum.clamped(total)
      error = 0
    }
  }

  @inlinable
  @inline(__always)
  package static func clamped(_ value: Double) -> Double {
    let most = Double.greatestFiniteMagnitude
    return Swift.min(Swift.max(value, -most), most)
  }
}
