import WeirBytes
import WeirMetrics

/// The answer to a frame whose sender asked whether it arrived.
package struct PushAnswer: Sendable {
  /// As it is sent.
  package let bytes: [UInt8]

  package init(to header: PushHeader) {
    var writer = ByteWriter(capacity: 32)
    writer.append(PushFormat.magic.0)
    writer.append(PushFormat.magic.1)
    writer.append(PushFormat.version)
    writer.append(PushFormat.Flags.answer.rawValue)
    writer.append(littleEndian: header.instance.number)
    writer.append(varint: header.sequence)
    bytes = writer.bytes
  }
}
