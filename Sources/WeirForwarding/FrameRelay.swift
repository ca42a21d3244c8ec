/// The frames of others that a Weir passes on, until the next hop has answered them.
///
///     arrives ─▶ take ─▶ sent at once ─▶ waiting ── answer ──▶ answered ── 6 s ──▶ forgotten
///                                          │ 0.3, 1, 3 s: sent again
///                                          └ 6 s: dropped, because totals heal
///
/// It is a ring in the order of arrival. It has no clock and no socket; the caller passes the time.
package struct FrameRelay<Reply: Sendable>: Sendable {
  /// What to do with a frame that has arrived.
  package enum Verdict: Sendable, Equatable {
    /// It is new: send it to the next hop.
    case pass
    /// It is on its way already, and is answered when the first one is.
    case wait
    /// The next hop has answered it moments ago: answer at once.
    case answered
    /// There is no room to wait for an answer: send it, and answer nothing.
    case passOnly
    /// It was sent moments ago and not kept: send it no more, because Weirs may forward in a circle.
    case seen
    /// There is no room to remember even its name: do not send it.
    case drop
  }

  private struct Entry: Sendable {
    let name: FrameBatch.Name
    var bytes: [UInt8]
    /// The next hop's answer, byte for byte.
    let answer: [UInt8]
    let atMilliseconds: UInt64
    /// Whether it counts as an application's, whatever it says.
    var isRestricted = false
    var sendings = 1
    var replies: [Reply]
    var isAnswered = false
    /// Whether only its name was kept.
    var isNameOnly = false
  }

  private let limits: RelayLimits
  /// In the order of arrival. Those before `front` are gone.
  private var entries: [Entry?] = []
  private var front = 0
  /// How many entries were cut off at the front.
  private var removed = 0
  private var positions: [FrameBatch.Name: Int] = [:]
  private var bytes = 0
  /// Entries that are only names.
  private var nameOnly = 0
  package private(set) var totals = RelayTotals()

  package init(_ limits: RelayLimits = RelayLimits()) { self.limits = limits }

  /// How many places of the ring and names are kept.
  var places: (ring: Int, names: Int) { (entries.count, positions.count) }

  /// Takes in a frame.
  ///
  /// - Parameters:
  ///   - frame: As it is sent to the next hop.
  ///   - answer: What the next hop will answer.
  ///   - reply: Who waits for the answer; nil for nobody.
  ///   - isRestricted: Whether it counts as an application's, whatever it says.
  package mutating func take(
    _ name: FrameBatch.Name, frame: [UInt8], answer: [UInt8], reply: Reply?,
    isRestricted: Bool = false, at milliseconds: UInt64
  ) -> Verdict {
    if let position = positions[name], var entry = entries[position - removed] {
      if entry.isNameOnly { return .seen }
      if entry.isAnswered { return .answered }
      if let reply, entry.replies.count < limits.repliesMax {
        entry.replies.append(reply)
        entries[position - removed] = entry
      }
      return .wait
    }
    guard positions.count - nameOnly < limits.framesMax, bytes + frame.count <= limits.bytesMax
    else {
      totals.dropped += 1
      guard note(name, at: milliseconds) else { return .drop }
      return .passOnly
    }
    totals.passed += 1
    positions[name] = removed + entries.count
    entries.append(
      Entry(
        name: name, bytes: frame, answer: answer, atMilliseconds: milliseconds,
        isRestricted: isRestricted, replies: reply.map { [$0] } ?? []))
    bytes += frame.count
    totals.waiting += 1
    return .pass
  }

  /// Notes a frame that is passed on once, without waiting for an answer.
  ///
  /// - Returns: Whether it is to be sent: it was not seen moments ago, and there is room for its name.
  package mutating func passOnce(_ name: FrameBatch.Name, at milliseconds: UInt64) -> Bool {
    if positions[name] != nil { return false }
    if note(name, at: milliseconds) { return true }
    totals.dropped += 1
    return false
  }

  /// Counts a frame that was given up before it was sent.
  package mutating func countDropped() { totals.dropped += 1 }

  private mutating func note(_ name: FrameBatch.Name, at milliseconds: UInt64) -> Bool {
    guard nameOnly < limits.namesMax else { return false }
    positions[name] = removed + entries.count
    entries.append(
      Entry(
        name: name, bytes: [], answer: [], atMilliseconds: milliseconds, replies: [],
        isAnswered: true, isNameOnly: true))
    nameOnly += 1
    totals.passed += 1
    return true
  }

  /// Notes the next hop's answer.
  ///
  /// - Parameter answer: Its bytes; nil where the next hop has answered in another way.
  /// - Returns: Who waits for it.
  package mutating func confirm(_ name: FrameBatch.Name, answer: [UInt8]?) -> [Reply] {
    guard let position = positions[name], var entry = entries[position - removed],
      !entry.isAnswered, answer == nil || answer == entry.answer
    else { return [] }
    let replies = entry.replies
    bytes -= entry.bytes.count
    // Only its name is needed from now on.
    entry.bytes = []
    entry.replies = []
    entry.isAnswered = true
    entries[position - removed] = entry
    totals.waiting -= 1
    totals.confirmed += 1
    return replies
  }

  /// The frames that are to be sent again now. Forgets and drops those whose time is over.
  ///
  /// - Complexity: O(frames of the last seconds).
  package mutating func due(at milliseconds: UInt64) -> FrameBatch {
    while front < entries.count, let entry = entries[front],
      milliseconds >= entry.atMilliseconds + limits.rememberedMilliseconds
    {
      forget(entry)
      entries[front] = nil
      front += 1
    }
    cutOff()
    var batch = FrameBatch()
    for index in front..<entries.count {
      guard var entry = entries[index], !entry.isAnswered,
        entry.sendings <= limits.retryMilliseconds.count,
        milliseconds
          >= entry.atMilliseconds + limits.retryMilliseconds[entry.sendings - 1]
      else { continue }
      entry.sendings += 1
      entries[index] = entry
      batch.append(entry.bytes, entry.name, isRestricted: entry.isRestricted)
      totals.resent += 1
    }
    return batch
  }

  private mutating func forget(_ entry: Entry) {
    positions[entry.name] = nil
    if entry.isNameOnly { nameOnly -= 1 }
    if entry.isAnswered { return }
    bytes -= entry.bytes.count
    totals.waiting -= 1
    totals.dropped += 1
  }

  /// Cuts off what is gone when it is half of the list.
  private mutating func cutOff() {
    guard front > 1_024 || front == entries.count, front * 2 >= entries.count else { return }
    entries.removeFirst(front)
    removed += front
    front = 0
  }
}

/// Frames that were passed on.
package struct RelayTotals: Sendable, Equatable {
  /// Those that were sent for the first time.
  package var passed = 0
  package var resent = 0
  package var confirmed = 0
  /// Those that were given up, or could not be kept.
  package var dropped = 0
  package var waiting = 0

  package init(
    passed: Int = 0, resent: Int = 0, confirmed: Int = 0, dropped: Int = 0, waiting: Int = 0
  ) {
    self.passed = passed
    self.resent = resent
    self.confirmed = confirmed
    self.dropped = dropped
    self.waiting = waiting
  }
}
