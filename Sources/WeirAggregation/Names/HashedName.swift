import WeirBytes

/// A metric's name as a dictionary's key, hashed once.
///
/// A plain array of bytes would be hashed byte by byte at each look-up.
struct HashedName: Hashable {
  let bytes: [UInt8]
  /// With a secret key that no sender knows.
  private let digest: UInt64

  init(_ bytes: some Collection<UInt8>, _ hash: KeyedHash) {
    let bytes = Array(bytes)
    digest = hash.hash(bytes.span, from: 0, length: bytes.count)
    self.bytes = bytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
