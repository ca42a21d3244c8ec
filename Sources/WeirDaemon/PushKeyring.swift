import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSecurity

/// The keys for pushed frames; there are none without `--push.keys-file`.
final class PushKeyring: Sendable {
  private let keys = Locked<[[UInt8]: MessageKey]?>(nil)

  /// Replaces the keys.
  func use(_ file: PushKeysFile) {
    let fresh = Dictionary(
      uniqueKeysWithValues: file.keys.map { (Array($0.id.utf8), MessageKey(secret: $0.secret)) })
    keys.withLock { $0 = fresh }
  }

  /// Checks the signature of a frame that begins at `start`, after its header was read.
  ///
  /// - Returns: The key that it is signed with; nil if there are no keys.
  /// - Throws: `unsigned`, `unknownKey`, `badTag` or `signedWithoutKeys`.
  func verify(
    _ bytes: Span<UInt8>, from start: Int, _ header: PushHeader
  ) throws(PushRefusal) -> MessageKey? {
    let id = header.key.indices.map { bytes[$0] }
    let (hasKeys, key) = keys.withLock { ($0 != nil, $0?[id]) }
    guard hasKeys else {
      if header.isSigned { throw .signedWithoutKeys }
      return nil
    }
    guard header.isSigned else { throw .unsigned }
    guard let key else { throw .unknownKey }
    guard key.verifies(bytes, in: start..<header.bodyEnd) else { throw .badTag }
    return key
  }
}
