/// The frames that a client ends with: each is sent again and again until it was answered, or patience
/// is over.
struct LastFrames {
  struct Frame: Sendable, Equatable {
    let bytes: [UInt8]
    /// The one answer to it, byte for byte.
    let answer: [UInt8]
  }

  /// How long the first answers are waited for: many times the way through a data centre.
  static let firstPauseNanoseconds: UInt64 = 50_000_000

  /// Where half of all is lost, a minute of such pauses leaves nothing to chance.
  static let longestPauseNanoseconds: UInt64 = 1_000_000_000

  private var waiting: [Frame]
  private var pauseNanoseconds = LastFrames.firstPauseNanoseconds

  init(_ frames: [Frame]) { waiting = frames }

  var isAnswered: Bool { waiting.isEmpty }

  /// Sends, waits, and sends what was not answered, at growing intervals.
  ///
  /// - Parameter deadline: When patience is over. Each frame is sent once even so.
  /// - Returns: whether all were answered.
  mutating func deliver(
    over transport: any FrameTransport, until deadline: UInt64, clock: ClientClock,
    sent: (Bool) -> Void
  ) -> Bool {
    while true {
      for frame in waiting { sent(transport.send(frame.bytes)) }
      listen(to: transport, until: min(deadline, clock.nanoseconds() + pauseNanoseconds), clock)
      if isAnswered { return true }
      if clock.nanoseconds() >= deadline { return false }
      pauseNanoseconds = min(2 * pauseNanoseconds, LastFrames.longestPauseNanoseconds)
    }
  }

  private mutating func listen(
    to transport: any FrameTransport, until end: UInt64, _ clock: ClientClock
  ) {
    while !isAnswered {
      let now = clock.nanoseconds()
      guard now < end else { return }
      // Rounded up, so that the wait is one and ends no sooner.
      let milliseconds = Int((end - now + 999_999) / 1_000_000)
      guard let answer = transport.receive(withinMilliseconds: milliseconds) else { continue }
      waiting.removeAll { $0.answer == answer }
    }
  }
}
