import WeirBytes
import WeirState

/// Where in the log of a cluster a state is, with the clock of the view: the `cluster` block.
package struct StateCluster: Sendable, Equatable {
  /// Names the stream, so that a state of another one is noticed.
  package var stream: String
  /// The flags with which the view counts, as text.
  package var options: String
  /// The last message that is in the state.
  package var sequence: UInt64
  /// The clock of the view: milliseconds since it began, when that was, and the time of the last message; the last
  /// two since 1970.
  package var milliseconds: UInt64
  package var beginMilliseconds: UInt64
  package var messageMilliseconds: UInt64
  package var limits = LimitMemory()

  package init(
    stream: String, options: String = "", sequence: UInt64, milliseconds: UInt64,
    beginMilliseconds: UInt64, messageMilliseconds: UInt64
  ) {
    self.stream = stream
    self.options = options
    self.sequence = sequence
    self.milliseconds = milliseconds
    self.beginMilliseconds = beginMilliseconds
    self.messageMilliseconds = messageMilliseconds
  }

  /// The longest name of a stream that is read, and the longest options.
  private static let streamBytesMax = 256
  private static let optionsBytesMax = 64 << 10
  /// More than any histogram has.
  private static let bucketsMax: UInt64 = 1 << 16

  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let stream = try cursor.text(bytesMax: StateCluster.streamBytesMax)
    let options = try cursor.text(bytesMax: StateCluster.optionsBytesMax)
    let numbers = (0..<4).map { _ in cursor.varint() }
    let widest = cursor.varint()
    let isShort = cursor.varint()
    let fullUntil = cursor.varint()
    if cursor.hasFailed { throw StateDamage.short }
    guard numbers[0] <= UInt64(Int64.max) else { throw StateDamage("there is no such message") }
    guard numbers[1...].allSatisfy({ $0 < StateTimes.millisecondsEnd }),
      let second = UInt32(exactly: fullUntil)
    else { throw StateDamage("a time is too late") }
    guard widest <= StateCluster.bucketsMax, isShort <= 1 else {
      throw StateDamage("what it says of the limits can't be")
    }
    self.init(
      stream: String(decoding: stream, as: UTF8.self),
      options: String(decoding: options, as: UTF8.self), sequence: numbers[0],
      milliseconds: numbers[1], beginMilliseconds: numbers[2], messageMilliseconds: numbers[3])
    limits.widestBuckets = widest
    limits.isShort = isShort == 1
    limits.fullUntil = second
  }

  package func append(to blocks: inout StateBlocks) {
    blocks.append(.cluster) { payload in
      for text in [stream, options] {
        payload.append(varint: UInt64(text.utf8.count))
        payload.append(text)
      }
      let place = [sequence, milliseconds, beginMilliseconds, messageMilliseconds]
      let limits = [limits.widestBuckets, limits.isShort ? 1 : 0, UInt64(limits.fullUntil)]
      for number in place + limits { payload.append(varint: number) }
    }
  }
}
