import WeirPush

/// A shared key that authenticates frames to Weir.
public struct SigningKey: Sendable {
  let idBytes: [UInt8]
  /// HMAC's inner and outer hash after the padded key.
  private let inner: SHA256
  private let outer: SHA256

  /// - Parameters:
  ///   - id: The key's name in Weir's `--push.keys-file`: 1 to 32 bytes of UTF-8, sent in plain
  ///     text.
  ///   - secret: At least one byte; 32 random bytes are recommended.
  /// - Throws: `ConfigurationError` for an invalid id or an empty secret.
  public init(id: String, secret: [UInt8]) throws(ConfigurationError) {
    idBytes = Array(id.utf8)
    guard (1...PushFormat.keyIDBytesMax).contains(idBytes.count) else {
      throw ConfigurationError(
        description: "the key's id has \(idBytes.count) bytes; write a name of 1 to 32")
    }
    guard !secret.isEmpty else {
      throw ConfigurationError(
        description: "the secret of key \"\(id)\" is empty; use the secret in Weir's keys file")
    }
    var block = secret.count > SHA256.blockBytes ? SHA256.digest(secret) : secret
    block += [UInt8](repeating: 0, count: SHA256.blockBytes - block.count)
    var hash = SHA256()
    hash.update(block.map { $0 ^ 0x36 })
    inner = hash
    hash = SHA256()
    hash.update(block.map { $0 ^ 0x5c })
    outer = hash
  }

  /// The first 16 bytes of the HMAC-SHA256 of `message` (RFC 2104).
  func tag(of message: [UInt8]) -> [UInt8] {
    Array(authenticationCode(of: message).prefix(PushFormat.tagBytes))
  }

  func authenticationCode(of message: [UInt8]) -> [UInt8] {
    var first = inner
    first.update(message)
    var second = outer
    second.update(first.finish())
    return second.finish()
  }
}
