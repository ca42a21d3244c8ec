/// How fine the buckets of a Prometheus native histogram are: every bound is 2^(2^-schema) times the
/// one before it.
///
/// Bucket `index` holds the magnitudes in (base^(index - 1), base^index]. A *key* numbers the buckets
/// of all values in order, so that one sorted list holds them: 0 is the zero bucket, 1 the first
/// above it, -1 the first below.
package struct ExponentialSchema: Sendable, Hashable {
  /// From -4, whose bounds are 65,536 apart in ratio, to 8, where it is 1.0027.
  package let number: Int

  package static let coarsest = ExponentialSchema(-4)
  package static let finest = ExponentialSchema(8)

  /// Positive and negative buckets that hold all numbers at the coarsest schema.
  package static let coarsestBuckets = 144

  /// Magnitudes up to this one count as zero: client_golang's default, 2^-128.
  package static let zeroThreshold = 0x1p-128
  /// The exponent of `zeroThreshold`: 128 octaves lie between it and 1.
  private static let octavesBelowOne = 128

  /// - Precondition: -4 to 8.
  package init(_ number: Int) {
    precondition((-4...8).contains(number))
    self.number = number
  }

  /// The coarsest schema whose buckets grow by no more than `growthFactor`; the finest if none
  /// does.
  package init(growthFactor: Double) {
    let fitting = (-4...8).first { ExponentialSchema($0).base <= growthFactor }
    self.init(fitting ?? ExponentialSchema.finest.number)
  }

  /// The ratio of a bound to the one before it.
  package var base: Double { upperBound(of: 1) }

  /// The schema with buckets twice as wide, or nil if there is none.
  package var coarser: ExponentialSchema? {
    self == .coarsest ? nil : ExponentialSchema(number - 1)
  }

  /// How many doublings of width are between this schema and the finest.
  private var shift: Int { ExponentialSchema.finest.number - number }

  /// The key of the bucket that a value falls in.
  ///
  /// Infinities go to the bucket of the greatest finite values, and NaN to the zero bucket.
  /// - Complexity: O(1).
  package func key(of value: Double) -> Int32 {
    let magnitude = value.magnitude
    guard magnitude > ExponentialSchema.zeroThreshold else { return 0 }
    let significandBits = Double.significandBitCount
    // No magnitude above the threshold is subnormal, so that the exponent bits can be used
    // directly.
    let exponent = Int(truncatingIfNeeded: magnitude.bitPattern >> UInt64(significandBits)) &- 1_023
    let finest =
      (exponent &+ ExponentialSchema.octavesBelowOne) << ExponentialScale.bits
      &+ ExponentialScale.shared.position(ofFraction: magnitude.significandBitPattern)
    // Rounded up, because the upper bound belongs to the bucket.
    let key = Int32(truncatingIfNeeded: (finest &+ (1 << shift &- 1)) >> shift)
    return value < 0 ? -key : key
  }

  /// The key of the bucket in the next coarser schema that contains the bucket `key`.
  static func halved(_ key: Int32) -> Int32 {
    (key &+ (key > 0 ? 1 : 0)) >> 1
  }

  /// The index, as Prometheus counts, of the bucket with a key that is not 0. The index does not
  /// contain the sign.
  func index(ofKey key: Int32) -> Int32 {
    let octaves = ExponentialSchema.octavesBelowOne << ExponentialScale.bits
    return abs(key) &- Int32(octaves >> shift)
  }

  /// The indices, as Prometheus counts, that a bucket with a magnitude above the threshold can have.
  package var indices: ClosedRange<Int64> {
    let octave = Int64(1) << Int64(max(number, 0))
    let coarse = Int64(max(-number, 0))
    let lowest = -((Int64(ExponentialSchema.octavesBelowOne) * octave) >> coarse)
    return lowest + 1...Int64(index(ofKey: key(of: .greatestFiniteMagnitude)))
  }

  /// The key of a bucket of positive values by its index, as Prometheus counts.
  ///
  /// - Precondition: `indices` contains it.
  func key(ofIndex index: Int32) -> Int32 {
    index &+ Int32((ExponentialSchema.octavesBelowOne << ExponentialScale.bits) >> shift)
  }

  /// The greatest magnitude of a bucket: base^index, infinite for those that hold the greatest finite
  /// one.
  package func upperBound(of index: Int32) -> Double {
    let finest = Int(index) << shift
    let fraction = finest & (ExponentialScale.count - 1)
    return Double(
      sign: .plus, exponent: finest >> ExponentialScale.bits,
      significand: ExponentialScale.shared.bounds[fraction])
  }
}
