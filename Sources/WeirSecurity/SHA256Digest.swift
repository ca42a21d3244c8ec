// Safety: OpenSSL reads the bytes and fills the digest during one call, and the digest has room for SHA-256.

import COpenSSL

/// SHA-256 (FIPS 180-4), by OpenSSL.
package enum SHA256Digest {
  /// The 32 bytes of the digest; nil if OpenSSL fails.
  ///
  /// - Complexity: O(bytes).
  package static func of(_ bytes: [UInt8]) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = unsafe EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil)
    return made == 1 && count == 32 ? digest : nil
  }
}
