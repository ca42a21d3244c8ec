// Safety: OpenSSL reads and fills arrays that are lent for one call, with their true sizes.

import COpenSSL

/// Digests by a random key that never leaves the process, of what is not to be kept itself.
package struct SecretDigest: Sendable {
  private let key: [UInt8]

  /// A key from OpenSSL's generator; nil where it has no randomness, so that nothing can be kept.
  package init?() {
    var key = [UInt8](repeating: 0, count: 32)
    guard unsafe RAND_bytes(&key, Int32(key.count)) == 1 else { return nil }
    self.key = key
  }

  /// The HMAC-SHA256 of the parts, each of which counts with its length; nil where OpenSSL fails.
  package func of(_ parts: [[UInt8]]) -> [UInt8]? {
    var message: [UInt8] = []
    for part in parts {
      unsafe withUnsafeBytes(of: UInt64(part.count).bigEndian) { unsafe message += $0 }
      message += part
    }
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = unsafe HMAC(
      EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &count)
    guard unsafe made != nil else { return nil }
    return count == 32 ? digest : nil
  }
}

/// Comparisons that take as long for any bytes.
package enum ConstantTime {
  /// Whether both are the same; only a difference in length shows in the time.
  package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }
}
