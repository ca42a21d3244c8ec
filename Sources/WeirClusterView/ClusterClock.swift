/// The clock of a cluster view, which every node computes from the times of the log's messages.
///
/// The times come from the server that leads the log, and a new leader may have another clock. So the clock counts
/// what passes between two messages. A step back counts as nothing, and a long step as `stepMillisecondsMax`:
///
///     message     12:00:00   12:00:01   13:00:01 (another leader)   13:00:02
///     clock              0          1                          61         62
///
/// Nodes that have read the same messages have the same clock, to the millisecond.
package struct ClusterClock: Sendable, Equatable {
  /// What a longer pause between two messages counts as. Nodes write at least once a second, so that a longer one
  /// means a clock that was set, or a log that nobody could write to.
  package static let stepMillisecondsMax: UInt64 = 60_000

  /// Since the view began.
  package private(set) var milliseconds: UInt64
  /// The time of the last message, since 1970; 0 before the first one.
  package private(set) var lastMessageMilliseconds: UInt64
  /// When the view began, by its first message, since 1970; 0 before that.
  package private(set) var beginMilliseconds: UInt64

  package init(
    milliseconds: UInt64 = 0, lastMessageMilliseconds: UInt64 = 0, beginMilliseconds: UInt64 = 0
  ) {
    self.milliseconds = milliseconds
    self.lastMessageMilliseconds = lastMessageMilliseconds
    self.beginMilliseconds = beginMilliseconds
  }

  /// Whole seconds since the view began.
  package var second: UInt32 { UInt32(clamping: milliseconds / 1_000) }

  /// Seconds since 1970, by this clock. It steps together with `second`.
  package var unixSeconds: UInt32 {
    UInt32(clamping: beginMilliseconds / 1_000 + milliseconds / 1_000)
  }

  /// For how long the view may have known instances: at least as long as the log's own times say, because an instance
  /// that began in a long pause of the log is younger than the view.
  var memoryMilliseconds: UInt64 {
    max(milliseconds, lastMessageMilliseconds - min(lastMessageMilliseconds, beginMilliseconds))
  }

  /// Goes on to the time of a message.
  ///
  /// - Parameter message: Since 1970, by the log.
  package mutating func advance(toMessage message: UInt64) {
    if lastMessageMilliseconds == 0 {
      beginMilliseconds = message - min(message, milliseconds)
    } else if message > lastMessageMilliseconds {
      milliseconds += min(
        message - lastMessageMilliseconds, ClusterClock.stepMillisecondsMax)
    }
    lastMessageMilliseconds = message
  }
}
