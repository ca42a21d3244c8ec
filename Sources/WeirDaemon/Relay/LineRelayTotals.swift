/// What was sent to one target of the relay, and what was not.
struct LineRelayTotals: Sendable, Equatable {
  /// Why packets were not sent.
  enum Loss: String, CaseIterable, Sendable {
    /// The target is slower than the lines arrive.
    case queueFull = "queue_full"
    /// Its name has no address, or there is no socket at its path.
    case noAddress = "no_address"
    /// The kernel did not accept them.
    case error
    /// Weir has stopped before they were sent.
    case stopped
  }

  struct Packets: Sendable, Equatable {
    var packets = 0
    var lines = 0

    mutating func add(_ packets: Int, lines: Int) {
      self.packets += packets
      self.lines += lines
    }
  }

  /// What the kernel accepted.
  var sent = Packets()
  /// Times that the target's machine answered that nobody receives there. By UDP at least one packet of `sent`
  /// was lost each time.
  var refusals = 0
  var dropped: [Loss: Packets] = [:]
  /// Bytes that wait to be sent.
  var queuedBytes = 0
}
