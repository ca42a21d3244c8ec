/// A set of digests that keeps the last `countMax` that were inserted.
///
/// The digests are made with a random key of the process, so a client cannot choose their hash
/// values.
struct RecentDigests {
  let countMax: Int

  private var known: Set<[UInt8]> = []
  /// A ring in order of insertion that starts at `oldest`. Removed digests stay until they are
  /// overwritten.
  private var ring: [[UInt8]] = []
  private var oldest = 0

  init(countMax: Int) {
    precondition(countMax > 0, "countMax must be positive")
    self.countMax = countMax
  }

  var count: Int { known.count }

  func contains(_ digest: [UInt8]) -> Bool { known.contains(digest) }

  mutating func insert(_ digest: [UInt8]) {
    guard known.insert(digest).inserted else { return }
    guard ring.count == countMax else { return ring.append(digest) }
    known.remove(ring[oldest])
    ring[oldest] = digest
    oldest = (oldest + 1) % countMax
  }

  mutating func remove(_ digest: [UInt8]) {
    known.remove(digest)
  }
}
