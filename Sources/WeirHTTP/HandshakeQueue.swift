import WeirSockets

/// Connections that wait for a step of their TLS handshake, and whose turn it is.
///
/// Each network has a line of its own, and lines take turns, so that nobody waits longer because others
/// come in great numbers from elsewhere:
///
/// ```
/// line    | begun: the oldest first | fresh: the newest first |
/// ```
///
/// Handshakes that have begun go first, because the server has done most of its work for them. Of the
/// others the newest goes first: where more come than can be served, the oldest have given up.
struct HandshakeQueue {
  /// Connections of one network that wait at once. At 1 ms for a signature with RSA of 2048 bits, the
  /// last of them waits 32 ms.
  static let waitingPerNetworkMax = 32
  /// Of so many turns, one goes to whoever waits longest, and the others to networks that are known
  /// before those that are not.
  static let turnsPerUnknown = 4

  private struct Line {
    var begun: [UInt64] = []
    var fresh: [UInt64] = []
    /// When it had its last turn, or began to wait.
    var since: UInt64

    var count: Int { begun.count + fresh.count }
  }

  private var lines: [ClientNetwork: Line] = [:]
  private var turn: UInt64 = 0

  /// Connections that wait.
  var count: Int { lines.values.reduce(0) { $0 + $1.count } }

  /// Puts a connection in its network's line.
  ///
  /// - Parameter isBegun: Whether the server has answered its hello.
  /// - Returns: The connection that has to go, where the line is too long: the oldest of those that
  ///   have not begun, or else the oldest.
  mutating func add(_ id: UInt64, of network: ClientNetwork, isBegun: Bool) -> UInt64? {
    turn += 1
    var line = lines[network] ?? Line(since: turn)
    if isBegun { line.begun.append(id) } else { line.fresh.append(id) }
    var gone: UInt64?
    if line.count > HandshakeQueue.waitingPerNetworkMax {
      gone = line.fresh.isEmpty ? line.begun.removeFirst() : line.fresh.removeFirst()
    }
    lines[network] = line
    return gone
  }

  /// Takes a connection out, wherever it waits.
  mutating func remove(_ id: UInt64, of network: ClientNetwork) {
    guard var line = lines[network] else { return }
    line.begun.removeAll { $0 == id }
    line.fresh.removeAll { $0 == id }
    lines[network] = line.count == 0 ? nil : line
  }

  /// Takes out the connection whose turn it is.
  ///
  /// - Parameter isKnown: Whether somebody of a network has been let in before.
  /// - Complexity: O(networks that wait).
  mutating func next(isKnown: (ClientNetwork) -> Bool) -> UInt64? {
    turn += 1
    let prefersKnown = turn % UInt64(HandshakeQueue.turnsPerUnknown) != 0
    var best: (network: ClientNetwork, rank: (Int, UInt64))?
    for (network, line) in lines {
      let rank = (prefersKnown && isKnown(network) ? 0 : 1, line.since)
      if best.map({ rank < $0.rank }) ?? true { best = (network, rank) }
    }
    guard let network = best?.network, var line = lines[network] else { return nil }
    let id = line.begun.isEmpty ? line.fresh.removeLast() : line.begun.removeFirst()
    line.since = turn
    lines[network] = line.count == 0 ? nil : line
    return id
  }
}
