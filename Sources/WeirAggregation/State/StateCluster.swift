import WeirBytes
import WeirState

/// Where in the log of a cluster a state is, with the clock of the view: the `cluster` block.
package struct StateCluster: Sendable, Equatable {
  /// Names the stream, so that a state of another one is noticed.
  package var stream: String
  /// The last message that is in the state.
  package var sequence: UInt64
  /// The clock of the view: milliseconds since it began, when that was, and the time of the last message; the last
  /// two since 1970.
  package var milliseconds: UInt64
  package var beginMilliseconds: UInt64
  package var messageMilliseconds: UInt64

  package init(
    stream: String, sequence: UInt64, milliseconds: UInt64, beginMilliseconds: UInt64,
    messageMilliseconds: UInt64
  ) {
    self.stream = stream
    self.sequence = sequence
    self.milliseconds = milliseconds
    self.beginMilliseconds = beginMilliseconds
    self.messageMilliseconds = messageMilliseconds
  }

  /// The longest name of a stream that is read.
  private static let streamBytesMax = 256

  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let stream = try cursor.text(bytesMax: StateCluster.streamBytesMax)
    let numbers = (0..<4).map { _ in cursor.varint() }
    if cursor.hasFailed { throw StateDamage.short }
    guard numbers[1...].allSatisfy({ $0 < StateTimes.millisecondsEnd }) else {
      throw StateDamage("a time is too late")
    }
    self.init(
      stream: String(decoding: stream, as: UTF8.self), sequence: numbers[0],
      milliseconds: numbers[1], beginMilliseconds: numbers[2], messageMilliseconds: numbers[3])
  }

  package func append(to blocks: inout StateBlocks) {
    blocks.append(.cluster) { payload in
      payload.append(varint: UInt64(stream.utf8.count))
      payload.append(stream)
      for number in [sequence, milliseconds, beginMilliseconds, messageMilliseconds] {
        payload.append(varint: number)
      }
    }
  }
}
