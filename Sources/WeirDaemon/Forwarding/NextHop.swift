import WeirForwarding

/// The Weir that this one forwards to.
protocol NextHop: Actor {
  /// Sends frames. Answers go to the `ForwardDesk`.
  ///
  /// - Returns: How many were sent; the others are certainly lost.
  func send(_ batch: FrameBatch) async -> Int

  /// Notes that Weir stops, so that nothing begins or blocks after this time. Does not wait for what is being sent.
  nonisolated func end(by time: ContinuousClock.Instant)

  /// Ends it: no answer is delivered after this.
  func stop()
}

extension NextHop {
  nonisolated func end(by time: ContinuousClock.Instant) {}
}
