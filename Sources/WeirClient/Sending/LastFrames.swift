/// The last frames of a client. Each is repeated until it is answered or the deadline has passed.
struct LastFrames {
  struct Frame: Sendable, Equatable {
    let bytes: [UInt8]
    /// The expected answer, byte for byte.
    let answer: [UInt8]
  }

  /// The first pause before a repetition: many times the round trip in a data centre.
  static let firstPauseNanoseconds: UInt64 = 50_000_000

  /// The longest pause. Even if half of all datagrams are lost, a minute of such pauses is enough.
  static let longestPauseNanoseconds: UInt64 = 1_000_000_000

  private var waiting: [Frame]
  private var pauseNanoseconds = LastFrames.firstPauseNanoseconds

  init(_ frames: [Frame]) { waiting = frames }

  var isAnswered: Bool { waiting.isEmpty }

  /// Sends all frames, and repeats unanswered ones at growing intervals.
  ///
  /// - Parameter deadline: When to stop, in nanoseconds of `clock`. Each frame is sent at least
  ///   once.
  /// - Returns: Whether all frames were answered.
  mutating func deliver(
    over transport: any FrameTransport, until deadline: UInt64, clock: ClientClock,
    sent: (Bool) -> Void
  ) -> Bool {
    while true {
      for frame in waiting { sent(transport.send(frame.bytes)) }
      receiveAnswers(
        from: transport, until: min(deadline, clock.nanoseconds() + pauseNanoseconds), clock)
      if isAnswered { return true }
      if clock.nanoseconds() >= deadline { return false }
      pauseNanoseconds = min(2 * pauseNanoseconds, LastFrames.longestPauseNanoseconds)
    }
  }

  private mutating func receiveAnswers(
    from transport: any FrameTransport, until end: UInt64, _ clock: ClientClock
  ) {
    while !isAnswered {
      let now = clock.nanoseconds()
      guard now < end else { return }
      // Rounded up, so that it does not wait for 0 ms.
      let milliseconds = Int((end - now + 999_999) / 1_000_000)
      guard let answer = transport.receive(withinMilliseconds: milliseconds) else { continue }
      waiting.removeAll { $0.answer == answer }
    }
  }
}
