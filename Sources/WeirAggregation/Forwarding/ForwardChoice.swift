/// Which rows a round of the forwarder sends.
package struct ForwardChoice: Sendable {
  /// Rows that were updated in this second or later.
  package var since: UInt32
  /// Whether rows are sent again that were sent before and not confirmed.
  package var repeatsUnconfirmed: Bool
  /// Rows of this share are sent whatever happened to them.
  package var share: Int

  /// Each row belongs to one of these shares, and a round sends one share. So a next hop that was restarted
  /// knows all totals after this many rounds.
  package static let shares = 60

  /// No row; only what waits for a confirmation is counted.
  package static let none = ForwardChoice(since: .max)

  /// Those that have changed in this second or later, and those that were never sent.
  package static func changes(since second: UInt32) -> ForwardChoice {
    ForwardChoice(since: second)
  }

  private init(since: UInt32) {
    self.since = since
    repeatsUnconfirmed = false
    share = -1
  }

  package init(since: UInt32, repeatsUnconfirmed: Bool, share: Int) {
    precondition((0..<ForwardChoice.shares).contains(share))
    self.since = since
    self.repeatsUnconfirmed = repeatsUnconfirmed
    self.share = share
  }

  @inline(__always)
  func takes(_ row: Int, tick: UInt32, isNew: Bool, isWaiting: Bool) -> Bool {
    isNew || tick >= since || isWaiting && repeatsUnconfirmed
      || isOfShare(row)
  }

  @inline(__always)
  func isOfShare(_ row: Int) -> Bool { row % ForwardChoice.shares == share }
}
