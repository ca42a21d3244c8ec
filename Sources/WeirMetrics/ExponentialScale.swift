import Glibc

/// The 256 bounds of the finest schema between 1 and 2. Those of every coarser schema are among them,
/// so that a bucket found here is found for all schemas.
struct ExponentialScale: Sendable {
  static let bits = 8
  static let count = 1 << bits
  static let shared = ExponentialScale()

  /// 2^(i/256) for i from 0 to 256, each within a unit in the last place.
  let bounds: [Double]
  /// How many bounds are below 1 + i/256.
  private let below: [UInt16]

  private init() {
    let bounds = (0...ExponentialScale.count).map {
      exp2(Double($0) / Double(ExponentialScale.count))
    }
    below = (0..<ExponentialScale.count).map { slot in
      let start = 1 + Double(slot) / Double(ExponentialScale.count)
      return UInt16(bounds.count { $0 < start })
    }
    self.bounds = bounds
  }

  /// How many bounds are below the number from 1 to 2 that has this fraction: 0 to 256.
  ///
  /// Between 1 + i/256 and 1 + (i + 1)/256 there are two bounds at most. Both are compared, because
  /// a branch would be predicted wrongly half of the time.
  /// - Complexity: O(1).
  func position(ofFraction fraction: UInt64) -> Int {
    let significand = Double(bitPattern: fraction | (1.0).bitPattern)
    let slot = Int(
      truncatingIfNeeded: fraction >> UInt64(Double.significandBitCount - ExponentialScale.bits))
    var position = Int(below[slot])
    // The last bound, 2, is above every such number.
    position &+= bounds[position] < significand ? 1 : 0
    position &+= bounds[position] < significand ? 1 : 0
    return position
  }
}
