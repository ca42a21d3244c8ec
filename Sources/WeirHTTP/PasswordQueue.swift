import WeirSockets

/// Passwords that wait to be checked, and whose turn it is.
///
/// Networks take turns, and so do the users of a network. Of one user, credentials that have been
/// presented before without being judged go first, and then the one that has waited longest. A scraper
/// presents the same credentials again and again; a flood of guesses has new ones each time.
struct PasswordQueue {
  /// Passwords that wait at once.
  static let waitingMax = 128
  /// Of them, those of one network: 3 s at the 50 ms that bcrypt takes at cost 10.
  static let waitingPerNetworkMax = 64
  /// Places of each network beyond that for credentials that come back.
  static let returningMax = 8

  struct Entry {
    let id: UInt64
    let network: ClientNetwork
    /// As the request says, whether there is such a user or not.
    let user: String
    let isReturning: Bool
  }

  private struct Line: Hashable {
    let network: ClientNetwork
    let user: String
  }

  /// What became of a credential that came to wait.
  enum Admission: Equatable {
    case waits
    /// It waits in place of another, which has to go.
    case replaces(UInt64)
    case turnedAway
  }

  /// In the order in which they came.
  private var entries: [Entry] = []
  /// When each that waits had its last turn, or began to wait.
  private var networks: [ClientNetwork: UInt64] = [:]
  private var lines: [Line: UInt64] = [:]
  private var turn: UInt64 = 0

  var count: Int { entries.count }

  /// - Complexity: O(entries).
  mutating func add(_ entry: Entry) -> Admission {
    let own = entries.count { $0.network == entry.network }
    let places =
      PasswordQueue.waitingPerNetworkMax + (entry.isReturning ? PasswordQueue.returningMax : 0)
    guard own < places else { return .turnedAway }
    var replaced: UInt64?
    if entries.count >= PasswordQueue.waitingMax {
      guard let other = lastOfLongest(), other.count > own + 1 else { return .turnedAway }
      replaced = other.id
      remove(other.id)
    }
    turn += 1
    entries.append(entry)
    let line = Line(network: entry.network, user: entry.user)
    if networks[entry.network] == nil { networks[entry.network] = turn }
    if lines[line] == nil { lines[line] = turn }
    return replaced.map { .replaces($0) } ?? .waits
  }

  /// Takes out the one whose turn it is.
  ///
  /// - Complexity: O(entries).
  mutating func next() -> Entry? {
    func rank(_ entry: Entry) -> (UInt64, Int, UInt64) {
      let line = Line(network: entry.network, user: entry.user)
      return (networks[entry.network] ?? 0, entry.isReturning ? 0 : 1, lines[line] ?? 0)
    }
    // The first of those of the same rank, which has waited longest.
    guard let entry = entries.min(by: { rank($0) < rank($1) }) else { return nil }
    turn += 1
    networks[entry.network] = turn
    lines[Line(network: entry.network, user: entry.user)] = turn
    remove(entry.id)
    return entry
  }

  mutating func remove(_ id: UInt64) {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
    let entry = entries.remove(at: index)
    if !entries.contains(where: { $0.network == entry.network }) { networks[entry.network] = nil }
    if !entries.contains(where: { $0.network == entry.network && $0.user == entry.user }) {
      lines[Line(network: entry.network, user: entry.user)] = nil
    }
  }

  /// The newest entry of the network that has most of them.
  private func lastOfLongest() -> (id: UInt64, count: Int)? {
    let counts = Dictionary(grouping: entries, by: \.network).mapValues(\.count)
    guard let longest = counts.max(by: { $0.value < $1.value }),
      let last = entries.last(where: { $0.network == longest.key && !$0.isReturning })
        ?? entries.last(where: { $0.network == longest.key })
    else { return nil }
    return (last.id, longest.value)
  }
}
