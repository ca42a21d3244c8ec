// Safety: OpenSSL reads and fills arrays during one call, and gets their real sizes.

import COpenSSL

/// Makes digests of secrets that must not be stored themselves, with a random key of the process.
package struct SecretDigest: Sendable {
  private let key: [UInt8]

  /// Draws a key from OpenSSL's generator; nil if it has no randomness.
  package init?() {
    var key = [UInt8](repeating: 0, count: 32)
    guard unsafe RAND_bytes(&key, Int32(key.count)) == 1 else { return nil }
    self.key = key
  }

  /// The HMAC-SHA256 of the parts, each preceded by its length as a 64-bit integer, so that
  /// different divisions of the same bytes have different digests; nil if OpenSSL fails.
  package func digest(of parts: [[UInt8]]) -> [UInt8]? {
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

/// Comparison whose duration does not depend on the bytes.
package enum ConstantTime {
  /// Whether both are equal. The duration depends only on the lengths.
  package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }
}
