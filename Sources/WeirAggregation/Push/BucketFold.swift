import WeirBytes
import WeirMetrics

/// Into which of Weir's buckets those of a total with other bounds go: each into the first that holds
/// it whole, so that counts are exact at the bounds that both have.
struct BucketFold: Sendable {
  /// Tells lists of bounds apart, and how many buckets they make; never 0. It has as many bits as
  /// `OwnerEntry.detail`.
  let id: UInt64
  /// Nine bits for the number of buckets, of which there are 201 at most.
  private static let countShift = UInt64(OwnerEntry.detailBits - 9)
  private static let hashMask: UInt64 = 1 << countShift - 1

  private let buckets: [Int]
  private let values: [Double]

  /// - Parameters:
  ///   - upper: The finite bounds of the total's buckets, ascending.
  ///   - salt: A secret, the same for all, so that no sender finds two lists with one `id`.
  init(_ upper: [Double], into bounds: HistogramBounds, salt: UInt64) {
    let mixed = upper.reduce(salt) { KeyedHash.mixed($0 ^ $1.bitPattern) }
    id = UInt64(upper.count + 1) << BucketFold.countShift | mixed & BucketFold.hashMask | 1
    buckets = upper.map { bounds.bucket(of: $0) } + [bounds.bucketCount - 1]
    // Above the last bound there is no other that could stand for what fell there.
    values = upper + [upper.last.map { max($0, $0.nextUp) } ?? 0]
  }

  /// Buckets of the total.
  var count: Int { buckets.count }

  /// Buckets of the total whose bounds have this `id`.
  static func count(ofID id: UInt64) -> Int { Int(id >> countShift) }

  /// Weir's bucket for one of the total.
  @inline(__always)
  func bucket(of index: Int) -> Int { buckets[index] }

  /// What stands for all that fell in a bucket of the total, where values are kept in another form.
  func value(of index: Int) -> Double { values[index] }
}
