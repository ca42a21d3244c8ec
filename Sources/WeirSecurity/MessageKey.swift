// Safety: OpenSSL reads the key and the message, and fills the digest, for the length of one call each,
// with their true sizes.

import COpenSSL

/// A secret by which two sides know that a message is from one of them: HMAC-SHA256 (RFC 2104), of which
/// the first 16 bytes are sent.
package struct MessageKey: Sendable {
  /// Bytes of a tag.
  package static let tagBytes = 16

  private let secret: [UInt8]

  package init(secret: [UInt8]) {
    self.secret = secret
  }

  /// The tag of `bytes[start..<end]`; nil where OpenSSL fails.
  ///
  /// - Complexity: O(bytes).
  package func tag(of bytes: Span<UInt8>, from start: Int, to end: Int) -> [UInt8]? {
    precondition(start >= 0 && start <= end && end <= bytes.count)
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = unsafe bytes.withUnsafeBufferPointer { message in
      unsafe HMAC(
        EVP_sha256(), secret, Int32(secret.count), message.baseAddress.map { unsafe $0 + start },
        end - start, &digest, &count) != nil
    }
    return made && count == 32 ? Array(digest[..<MessageKey.tagBytes]) : nil
  }

  /// Whether the bytes from `end` on are the tag of those before; it takes as long for any bytes.
  package func verifies(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    guard end + MessageKey.tagBytes <= bytes.count, let tag = tag(of: bytes, from: start, to: end)
    else { return false }
    return ConstantTime.equal(tag, (end..<end + MessageKey.tagBytes).map { bytes[$0] })
  }
}
