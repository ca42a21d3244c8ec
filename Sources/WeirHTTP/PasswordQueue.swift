import WeirSockets

/// The order in which passwords are checked.
///
/// Networks take turns. Within a network, credentials that were rejected before for lack of room go
/// first; then the users take turns; of one user's entries the oldest goes first. A scraper sends
/// the same credentials again and again; a flood of guesses has new ones each time.
///
/// ```
/// 1. network: the one whose last turn is longest ago     192.0.2.1, 198.51.100.4
/// 2. returning before new credentials                    prometheus (returning), admin, prometheus
/// 3. user: the one whose last turn is longest ago        admin, prometheus
/// 4. the oldest entry
/// ```
struct PasswordQueue {
  typealias ID = UInt64

  /// Waiting passwords in total.
  static let waitingMax = 128
  /// Waiting passwords of one network: 3 s at the 50 ms that bcrypt takes at cost 10.
  static let waitingPerNetworkMax = 64
  /// Additional places of each network for returning credentials.
  static let returningMax = 8

  struct Entry {
    let id: ID
    let network: ClientNetwork
    /// The user name in the request, whether the user exists or not.
    let user: String
    /// Whether these credentials were rejected before for lack of room.
    let isReturning: Bool
  }

  private struct NetworkUser: Hashable {
    let network: ClientNetwork
    let user: String
  }

  enum AddResult: Equatable {
    case queued
    /// Queued, and this other entry was removed to make room.
    case replaced(ID)
    /// There is no room.
    case rejected
  }

  /// In order of arrival.
  private var entries: [Entry] = []
  /// When each waiting network and user had its last turn, or began to wait.
  private var networkTurns: [ClientNetwork: Int] = [:]
  private var userTurns: [NetworkUser: Int] = [:]
  private var turn = 0

  var count: Int { entries.count }

  /// Adds an entry. If the queue is full, it replaces one of the network that has most entries,
  /// unless the entry's own network would then have as many.
  ///
  /// - Complexity: O(entries).
  mutating func add(_ entry: Entry) -> AddResult {
    let own = entries.count { $0.network == entry.network }
    let places =
      PasswordQueue.waitingPerNetworkMax + (entry.isReturning ? PasswordQueue.returningMax : 0)
    guard own < places else { return .rejected }
    var replaced: ID?
    if entries.count >= PasswordQueue.waitingMax {
      guard let other = newestOfLargestNetwork(), other.count > own + 1 else { return .rejected }
      replaced = other.id
      remove(other.id)
    }
    turn += 1
    entries.append(entry)
    let user = NetworkUser(network: entry.network, user: entry.user)
    if networkTurns[entry.network] == nil { networkTurns[entry.network] = turn }
    if userTurns[user] == nil { userTurns[user] = turn }
    return replaced.map { .replaced($0) } ?? .queued
  }

  /// Removes and returns the entry whose turn it is; nil if the queue is empty.
  ///
  /// - Complexity: O(entries).
  mutating func next() -> Entry? {
    func rank(_ entry: Entry) -> (Int, Int, Int) {
      let user = NetworkUser(network: entry.network, user: entry.user)
      return (networkTurns[entry.network] ?? 0, entry.isReturning ? 0 : 1, userTurns[user] ?? 0)
    }
    // `min` returns the first of equal ranks, which has waited longest.
    guard let entry = entries.min(by: { rank($0) < rank($1) }) else { return nil }
    turn += 1
    networkTurns[entry.network] = turn
    userTurns[NetworkUser(network: entry.network, user: entry.user)] = turn
    remove(entry.id)
    return entry
  }

  /// Removes an entry; does nothing if it is not in the queue.
  ///
  /// - Complexity: O(entries).
  mutating func remove(_ id: ID) {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
    let entry = entries.remove(at: index)
    if !entries.contains(where: { $0.network == entry.network }) {
      networkTurns[entry.network] = nil
    }
    if !entries.contains(where: { $0.network == entry.network && $0.user == entry.user }) {
      userTurns[NetworkUser(network: entry.network, user: entry.user)] = nil
    }
  }

  /// The newest entry of the network that has most entries; a returning one only if all are.
  private func newestOfLargestNetwork() -> (id: ID, count: Int)? {
    let counts = Dictionary(grouping: entries, by: \.network).mapValues(\.count)
    guard let largest = counts.max(by: { $0.value < $1.value }),
      let last = entries.last(where: { $0.network == largest.key && !$0.isReturning })
        ?? entries.last(where: { $0.network == largest.key })
    else { return nil }
    return (last.id, largest.value)
  }
}
