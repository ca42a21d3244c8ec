import WeirBytes
import WeirCluster

/// What a node knows of the others, and whether their views are the same as its own.
final class ClusterNodes: Sendable {
  struct Node: Sendable, Equatable {
    var number: UInt64
    var hello: ClusterHello
    /// The log's time of it, and of the first one, in milliseconds since 1970.
    var heardMilliseconds: UInt64
    var firstMilliseconds: UInt64
  }

  /// A message as of which nodes have made digests.
  private struct Comparison {
    let sequence: UInt64
    var digests: [UInt64: UInt64] = [:]
  }

  private struct State {
    var nodes: [UInt64: Node] = [:]
    var comparisons: [Comparison] = []
    var isDiverged = false
    var askedMilliseconds: UInt64 = 0
    /// This node's digest, until it is posted.
    var own: ClusterDigestNote?
  }

  /// A node that was silent for so long is forgotten; by the log's time.
  static let silentMilliseconds: UInt64 = 300_000
  /// The most nodes that are kept, and the most comparisons.
  static let nodesMax = 64
  static let comparisonsMax = 4
  /// How often nodes compare, by the log's time.
  static let compareMilliseconds: UInt64 = 60_000

  private let state = Locked(State())

  /// Notes what a node says of itself.
  func note(_ hello: ClusterHello, from number: UInt64, at milliseconds: UInt64) {
    state.withLock { state in
      state.nodes = state.nodes.filter {
        $0.value.heardMilliseconds + ClusterNodes.silentMilliseconds > milliseconds
      }
      guard state.nodes[number] != nil || state.nodes.count < ClusterNodes.nodesMax else { return }
      guard hello.course != .stopping else {
        state.nodes[number] = nil
        return
      }
      let first = state.nodes[number]?.firstMilliseconds ?? milliseconds
      state.nodes[number] = Node(
        number: number, hello: hello, heardMilliseconds: milliseconds,
        firstMilliseconds: min(first, milliseconds))
    }
  }

  /// Forgets what was compared, because another log begins.
  func begin() {
    state.withLock { state in
      state.comparisons = []
      state.isDiverged = false
      state.own = nil
      state.askedMilliseconds = 0
    }
  }

  /// Notes that digests are asked for.
  func noteAsked(at milliseconds: UInt64) {
    state.withLock { $0.askedMilliseconds = milliseconds }
  }

  /// Keeps this node's digest until it is posted.
  func put(own digest: UInt64, asOf sequence: UInt64) {
    state.withLock { $0.own = .made(sequence: sequence, digest: digest) }
  }

  func takeOwn() -> ClusterDigestNote? { state.withLock { $0.own.take() } }

  /// Whether it is time to compare. A clock that was set back makes it time, too.
  func isCompareDue(at milliseconds: UInt64) -> Bool {
    state.withLock {
      milliseconds.distance(from: $0.askedMilliseconds) > ClusterNodes.compareMilliseconds
    }
  }

  /// Whether a question is to be answered: several nodes may have asked at once.
  func isAnswerDue(at milliseconds: UInt64) -> Bool {
    state.withLock {
      milliseconds.distance(from: $0.askedMilliseconds) > ClusterNodes.compareMilliseconds / 2
    }
  }

  /// Notes a node's digest.
  ///
  /// - Returns: The names of two nodes whose digests differ, if this is the first pair as of that message.
  func note(
    digest: UInt64, asOf sequence: UInt64, from number: UInt64
  ) -> (String, String)? {
    state.withLock { state in
      if !state.comparisons.contains(where: { $0.sequence == sequence }) {
        state.comparisons.append(Comparison(sequence: sequence))
        if state.comparisons.count > ClusterNodes.comparisonsMax { state.comparisons.removeFirst() }
      }
      guard let place = state.comparisons.firstIndex(where: { $0.sequence == sequence }),
        state.comparisons[place].digests.count < ClusterNodes.nodesMax
      else { return nil }
      let others = state.comparisons[place].digests
      state.comparisons[place].digests[number] = digest
      let values = Set(state.comparisons[place].digests.values)
      if place == state.comparisons.count - 1 { state.isDiverged = values.count > 1 }
      guard let other = others.first(where: { $0.value != digest }), Set(others.values).count == 1
      else { return nil }
      return (ClusterNodes.name(other.key, state.nodes), ClusterNodes.name(number, state.nodes))
    }
  }

  private static func name(_ number: UInt64, _ nodes: [UInt64: Node]) -> String {
    nodes[number]?.hello.name ?? String(number, radix: 16)
  }

  /// Whether the digests of the last comparison differ.
  var isDiverged: Bool { state.withLock { $0.isDiverged } }

  /// By name.
  var all: [Node] {
    state.withLock { Array($0.nodes.values) }
      .sorted { ($0.hello.name, $0.number) < ($1.hello.name, $1.number) }
  }
}

extension UInt64 {
  /// How far two times are from each other, whichever is later.
  func distance(from other: UInt64) -> UInt64 { self > other ? self - other : other - self }
}
