import WeirBytes

/// What forwarding has done so far. Updated by the forwarder, read by scrapes.
final class ForwardMeter: Sendable {
  struct Reading: Sendable, Equatable {
    var frames = 0
    /// Frames that the system did not take, or that the next hop refused over HTTP.
    var framesFailed = 0
    var records = 0
    var bytes = 0
    var confirmed = 0
    /// Series that were sent again because nothing confirmed them.
    var unconfirmedSeries = 0
    var seriesTooLong = 0
    var roundsSkipped = 0
    /// The wall clock of the last answer in seconds; 0 before the first.
    var lastConfirmedSeconds = 0.0
    var loops = 0
    var lastRoundSeconds = 0.0
  }

  private let state = Locked(Reading())

  var reading: Reading { state.withLock { $0 } }

  func update(_ body: (inout Reading) -> Void) { state.withLock { body(&$0) } }
}
