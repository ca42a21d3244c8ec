import WeirSecurity

/// Credentials that were found correct, so that bcrypt need not check them again.
///
/// It stores digests of name, password and hash together, made with a random key of the process. A
/// changed hash therefore invalidates its user's entry. The least recently used entry is evicted at
/// `countMax`.
struct VerifiedCredentials {
  /// Several times the number of users that scrape one Weir.
  static let countMax = 64

  /// The most recently used last.
  private var digests: [[UInt8]] = []

  /// Whether a digest is stored. Compares all entries in constant time, so the duration reveals
  /// nothing.
  mutating func contains(_ digest: [UInt8]) -> Bool {
    var found: Int?
    for index in digests.indices where ConstantTime.equal(digests[index], digest) { found = index }
    guard let found else { return false }
    digests.append(digests.remove(at: found))
    return true
  }

  mutating func insert(_ digest: [UInt8]) {
    guard !contains(digest) else { return }
    if digests.count == Self.countMax { digests.removeFirst() }
    digests.append(digest)
  }
}
