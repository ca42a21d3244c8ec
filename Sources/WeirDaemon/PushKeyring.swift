import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSecurity

/// The keys for pushed frames; there are none without `--push.keys-file`.
final class PushKeyring: Sendable {
  /// A key, and what it allows.
  struct Key {
    let message: MessageKey
    /// Whether it may sign the frames of a forwarder.
    let mayForward: Bool
  }

  private let keys = Locked<[[UInt8]: Key]?>(nil)

  /// Replaces the keys.
  func use(_ file: PushKeysFile) {
    let fresh = Dictionary(
      uniqueKeysWithValues: file.keys.map { key in
        let fresh = Key(message: MessageKey(secret: key.secret), mayForward: key.mayForward)
        return (Array(key.id.utf8), fresh)
      })
    keys.withLock { $0 = fresh }
  }

  /// Checks the signature of a frame that begins at `start`, after its header was read.
  ///
  /// - Returns: The key that it is signed with; nil if there are no keys.
  /// - Throws: `unsigned`, `unknownKey`, `badTag` or `signedWithoutKeys`.
  func verify(
    _ bytes: Span<UInt8>, from start: Int, _ header: PushHeader
  ) throws(PushRefusal) -> Key? {
    let id = header.key.indices.map { bytes[$0] }
    let (hasKeys, key) = keys.withLock { ($0 != nil, $0?[id]) }
    guard hasKeys else {
      if header.isSigned { throw .signedWithoutKeys }
      return nil
    }
    guard header.isSigned else { throw .unsigned }
    guard let key else { throw .unknownKey }
    guard key.message.verifies(bytes, in: start..<header.bodyEnd) else { throw .badTag }
    return key
  }
}
