// Safety: OpenSSL reads the key and the message and fills the digest during one call, and gets
// their real sizes.

import COpenSSL

/// A shared key that authenticates messages: HMAC-SHA256 (RFC 2104), truncated to 16 bytes.
///
/// ```
/// bytes   | … |  message: `range`  | tag: 16 bytes | … |
/// ```
package struct MessageKey: Sendable {
  /// Bytes of a tag.
  package static let tagBytes = 16

  private let secret: [UInt8]

  package init(secret: [UInt8]) {
    self.secret = secret
  }

  /// The tag of the message in `range` of `bytes`; nil if OpenSSL fails.
  ///
  /// - Precondition: `range` lies in `bytes`.
  /// - Complexity: O(`range.count`).
  package func tag(of bytes: Span<UInt8>, in range: Range<Int>) -> [UInt8]? {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range out of bounds")
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = unsafe bytes.withUnsafeBufferPointer { message in
      unsafe HMAC(
        EVP_sha256(), secret, Int32(secret.count),
        message.baseAddress.map { unsafe $0 + range.lowerBound }, range.count, &digest, &count)
        != nil
    }
    return made && count == 32 ? Array(digest[..<MessageKey.tagBytes]) : nil
  }

  /// Whether the 16 bytes after the message in `range` are its tag; false if there are fewer. The
  /// comparison takes constant time.
  ///
  /// - Precondition: `range` lies in `bytes`.
  /// - Complexity: O(`range.count`).
  package func verifies(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
    let end = range.upperBound
    guard end + MessageKey.tagBytes <= bytes.count, let tag = tag(of: bytes, in: range) else {
      return false
    }
    return ConstantTime.equal(tag, (end..<end + MessageKey.tagBytes).map { bytes[$0] })
  }
}
