import WeirBytes
import WeirMetrics
import WeirPush
import WeirSecurity

/// The answer to a frame whose sender requested one: signed if the frame was signed.
struct PushAnswer: Sendable {
  /// The datagram.
  let bytes: [UInt8]

  /// - Parameter key: The key of the frame; nil if it was not signed.
  init?(to header: PushHeader, key: MessageKey?) {
    var writer = ByteWriter(capacity: 40)
    PushFrameHead.writeAnswer(
      to: header.instance.number, sequence: header.sequence, isSigned: key != nil, into: &writer)
    guard let key else {
      bytes = writer.bytes
      return
    }
    let span = writer.bytes.span
    guard let tag = key.tag(of: span, in: 0..<span.count) else { return nil }
    bytes = writer.bytes + tag
  }
}
