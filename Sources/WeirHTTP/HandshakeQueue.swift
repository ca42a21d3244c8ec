import WeirSockets

/// The order in which connections get the next step of their TLS handshake.
///
/// Each network has a queue of its own, and networks take turns. So a client does not wait longer
/// because of a flood from elsewhere:
///
/// ```
/// network          last turn   started: oldest first   new: newest first
/// 192.0.2.1             7      [ 12  15 ]              [ 31  30 ]
/// 198.51.100.4          9      [ ]                     [ 33 ]
///                       ▲
///                       └── the lowest is next: 12, then 33, 15, 31, 30
/// ```
///
/// Started handshakes go first because the server has done most of the work for them. Of the new
/// ones the newest goes first: if more arrive than can be served, the oldest clients have given up.
///
/// In three of four turns, known networks go before others.
struct HandshakeQueue {
  /// Waiting connections of one network. At 1 ms for a signature with RSA of 2048 bits, the last
  /// one waits 32 ms.
  static let waitingPerNetworkMax = 32
  /// One turn in this many ignores whether networks are known.
  static let turnsPerUnknown = 4

  private struct NetworkQueue {
    var started: [HTTPConnection.ID] = []
    var new: [HTTPConnection.ID] = []
    /// When it had its last turn, or began to wait.
    var lastTurn: Int

    var count: Int { started.count + new.count }
  }

  private var queues: [ClientNetwork: NetworkQueue] = [:]
  private var turn = 0

  /// The number of waiting connections.
  var count: Int { queues.values.reduce(0) { $0 + $1.count } }

  /// Adds a connection to its network's queue.
  ///
  /// - Parameter isStarted: Whether the server has answered the client's hello.
  /// - Returns: The connection to close if the queue is too long: the oldest new one, or else the
  ///   oldest started one.
  mutating func add(
    _ id: HTTPConnection.ID, of network: ClientNetwork, isStarted: Bool
  ) -> HTTPConnection.ID? {
    turn += 1
    var queue = queues[network] ?? NetworkQueue(lastTurn: turn)
    if isStarted { queue.started.append(id) } else { queue.new.append(id) }
    var surplus: HTTPConnection.ID?
    if queue.count > HandshakeQueue.waitingPerNetworkMax {
      surplus = queue.new.isEmpty ? queue.started.removeFirst() : queue.new.removeFirst()
    }
    queues[network] = queue
    return surplus
  }

  /// Removes a connection; does nothing if it is not in the queue.
  mutating func remove(_ id: HTTPConnection.ID, of network: ClientNetwork) {
    guard var queue = queues[network] else { return }
    queue.started.removeAll { $0 == id }
    queue.new.removeAll { $0 == id }
    queues[network] = queue.count == 0 ? nil : queue
  }

  /// Removes and returns the connection whose turn it is; nil if none waits.
  ///
  /// - Parameter isKnown: Whether a request from a network has been authorized before.
  /// - Complexity: O(waiting networks).
  mutating func next(isKnown: (ClientNetwork) -> Bool) -> HTTPConnection.ID? {
    turn += 1
    let prefersKnown = turn % HandshakeQueue.turnsPerUnknown != 0
    var best: (network: ClientNetwork, rank: (Int, Int))?
    for (network, queue) in queues {
      let rank = (prefersKnown && isKnown(network) ? 0 : 1, queue.lastTurn)
      if best.map({ rank < $0.rank }) ?? true { best = (network, rank) }
    }
    guard let network = best?.network, var queue = queues[network] else { return nil }
    let id = queue.started.isEmpty ? queue.new.removeLast() : queue.started.removeFirst()
    queue.lastTurn = turn
    queues[network] = queue.count == 0 ? nil : queue
    return id
  }
}
