import WeirForwarding

/// The Weir that this one forwards to.
protocol NextHop: Actor {
  /// Sends frames. Answers go to the `ForwardDesk`.
  ///
  /// - Returns: How many were sent; the others are certainly lost.
  func send(_ batch: FrameBatch) async -> Int

  /// Ends it: no answer is delivered after this.
  func stop()
}
