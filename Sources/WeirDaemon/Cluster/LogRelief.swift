/// When a node stores a state because the log refuses messages for want of room, so that the log can be trimmed.
struct LogRelief {
  /// Between two states of this node.
  static let pauseMilliseconds: UInt64 = 60_000

  private var refused = 0
  private var storedAt: UInt64?

  /// - Parameters:
  ///   - total: How many messages of this node were refused so far because the log was full.
  ///   - milliseconds: A clock that only grows.
  mutating func isDue(refused total: Int, at milliseconds: UInt64) -> Bool {
    guard total > refused else { return false }
    refused = total
    if let storedAt, milliseconds < storedAt + LogRelief.pauseMilliseconds { return false }
    storedAt = milliseconds
    return true
  }
}
