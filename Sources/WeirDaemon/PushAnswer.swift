import WeirBytes
import WeirMetrics
import WeirPush
import WeirSecurity

/// The answer to a frame whose sender asked whether it arrived: signed where the frame was.
struct PushAnswer: Sendable {
  /// As it is sent.
  let bytes: [UInt8]

  /// - Parameter key: That of the frame; nil where it was not signed.
  init?(to header: PushHeader, key: MessageKey?) {
    var writer = ByteWriter(capacity: 40)
    PushFrameHead.writeAnswer(
      to: header.instance.number, sequence: header.sequence, isSigned: key != nil, into: &writer)
    guard let key else {
      bytes = writer.bytes
      return
    }
    let span = writer.bytes.span
    guard let tag = key.tag(of: span, from: 0, to: span.count) else { return nil }
    bytes = writer.bytes + tag
  }
}
