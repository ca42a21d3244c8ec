import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSecurity

/// The keys in force for pushed frames; there are none without `--push.keys-file`.
final class PushKeyring: Sendable {
  private let keys = Locked<[[UInt8]: MessageKey]?>(nil)

  /// Puts keys in force, in place of those before.
  func use(_ file: PushKeysFile) {
    let fresh = Dictionary(
      uniqueKeysWithValues: file.keys.map { (Array($0.id.utf8), MessageKey(secret: $0.secret)) })
    keys.withLock { $0 = fresh }
  }

  /// Checks the signature of a frame whose header was read, which begins at `start`.
  ///
  /// - Returns: The key that it is signed with; nil where there are no keys.
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
    guard key.verifies(bytes, from: start, to: header.bodyEnd) else { throw .badTag }
    return key
  }
}
