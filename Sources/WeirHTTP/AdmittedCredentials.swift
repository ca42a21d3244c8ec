import WeirSecurity

/// Credentials that were right, so that they need not be checked by bcrypt again.
///
/// Kept are digests under a random key of the process, of name, password and hash together: a changed
/// hash forgets its user. The table has a bound, and the one unused for longest makes room.
struct AdmittedCredentials {
  /// Users that scrape one Weir, several times over.
  static let countMax = 64

  /// The one used last at the end.
  private var digests: [[UInt8]] = []

  /// Whether a digest is there. Looks at each in full, so that the time tells nothing.
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
