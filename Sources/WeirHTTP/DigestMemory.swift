/// Digests of which the last so many are remembered.
///
/// The digests are made with a random key of the process, so that nobody can choose where they lie.
struct DigestMemory {
  let countMax: Int

  private var known: Set<[UInt8]> = []
  /// In the order in which they came, from `oldest` on and round again; those that were removed stay
  /// until it is their turn.
  private var ring: [[UInt8]] = []
  private var oldest = 0

  init(countMax: Int) {
    precondition(countMax > 0)
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
