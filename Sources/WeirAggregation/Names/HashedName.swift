import WeirBytes

/// A metric's name as a dictionary's key, hashed once.
///
/// An array of bytes by itself is hashed byte by byte, at each look-up anew.
struct HashedName: Hashable {
  let bytes: [UInt8]
  /// Under a key that no sender knows.
  private let digest: UInt64

  init(_ bytes: some Collection<UInt8>, _ hash: KeyedHash) {
    let bytes = Array(bytes)
    digest = hash.hash(bytes.span, from: 0, length: bytes.count)
    self.bytes = bytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
