/// Who sent a frame, and which of theirs it is.
@usableFromInline
package struct PushHeader: Sendable, BitwiseCopyable {
  package var instance = InstanceID(number: 0, startMilliseconds: 0)
  /// 1 for the instance's first frame.
  package var sequence: UInt64 = 0
  /// From the instance's start until the frame was sent.
  package var ageMilliseconds: UInt64 = 0
  /// The sender's wall clock when the frame was sent, in milliseconds since 1970; 0 where the frame
  /// has no clock, as those of older clients.
  package var clockMilliseconds: UInt64 = 0
  package var isSigned = false
  /// Whether it is the instance's last.
  package var isFinal = false
  /// Whether the sender waits for an answer.
  package var wantsAnswer = false
  /// Whether the instance forwards what others have counted.
  package var isForwarder = false
  /// Where the key's id lies in the frame's bytes; empty where it is not signed.
  package var key = PushRange()
  /// Where the strings begin.
  package var bodyStart = 0
  /// Where the records end, and the tag begins if there is one.
  package var bodyEnd = 0

  package init() {}

  /// When it was sent by the sender's clock, in milliseconds since 1970.
  ///
  /// Without a clock record it is start plus age, and has the error that the clock had at the
  /// start.
  package var sentMilliseconds: UInt64 {
    clockMilliseconds > 0
      ? clockMilliseconds : instance.startMilliseconds &+ ageMilliseconds
  }
}

/// One run of one process: what a total belongs to.
package struct InstanceID: Sendable, Hashable, BitwiseCopyable {
  /// Drawn at random at the start.
  package let number: UInt64
  /// When it started, in milliseconds since 1970.
  package let startMilliseconds: UInt64

  package init(number: UInt64, startMilliseconds: UInt64) {
    self.number = number
    self.startMilliseconds = startMilliseconds
  }
}
