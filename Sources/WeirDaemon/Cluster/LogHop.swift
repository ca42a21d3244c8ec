// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirBytes
import WeirCluster
import WeirForwarding
import WeirSockets

/// Puts frames and markers into the log of the cluster: the next hop of a node.
///
/// Many frames share a message. What the log did not take is not sent again here: own rows are sent again by the
/// forwarder's next round, and frames of others by their relay, as over any other way.
actor LogHop: NextHop {
  /// A post may block for a moment, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cluster.post")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Bytes of messages without an outcome, after which no more are posted.
  static let pendingBytesMax = 32 << 20
  /// After this time a message without an outcome counts as lost.
  static let outcomeMilliseconds: UInt64 = 10_000
  static let outcomesMilliseconds = 200

  private let node: UInt64
  private let log: any OrderedLog
  private let desk: ForwardDesk
  private let meter: ClusterMeter
  private let clock: @Sendable () -> UInt64
  private let standing: ClusterStanding
  private let format: UInt8
  private let pending: PendingPosts
  private var isStopped = false

  /// - Parameters:
  ///   - node: The number of this node.
  ///   - format: The version of the messages that it writes.
  ///   - standing: A node that shows nothing any more writes nothing, either.
  ///   - clock: Milliseconds that only grow.
  init(
    node: UInt64, format: UInt8, log: any OrderedLog, desk: ForwardDesk, standing: ClusterStanding,
    meter: ClusterMeter, clock: @escaping @Sendable () -> UInt64
  ) {
    self.node = node
    self.format = format
    self.standing = standing
    self.log = log
    self.desk = desk
    self.meter = meter
    self.clock = clock
    pending = PendingPosts(bytesMax: LogHop.pendingBytesMax)
  }

  func send(_ batch: FrameBatch) async -> Int {
    var writer = ClusterMessageWriter(node: node, version: format)
    var names: [FrameBatch.Name] = []
    var sent = 0
    for index in 0..<batch.count {
      let frame = batch.bytes[batch.range(of: index)]
      if writer.isFull(for: frame.count) {
        guard post(writer.take(), names) else { return sent }
        sent += names.count
        names = []
      }
      writer.append(batch.restricted.contains(index) ? .applicationFrame : .frame, frame)
      names.append(batch.names[index])
    }
    if !names.isEmpty, post(writer.take(), names) { sent += names.count }
    return sent
  }

  /// Posts a message without frames.
  ///
  /// - Returns: Whether it was handed over.
  func post(_ entries: @Sendable (inout ClusterMessageWriter) -> Void) -> Bool {
    var writer = ClusterMessageWriter(node: node, version: format)
    entries(&writer)
    return post(writer.take(), [])
  }

  private func post(_ message: [UInt8], _ names: [FrameBatch.Name]) -> Bool {
    guard !isStopped, !standing.isStopped else { return false }
    let now = clock()
    guard let number = pending.add(names, bytes: message.count, at: now) else {
      meter.update { $0.postsHeldBack += 1 }
      return false
    }
    do throws(LogFailure) {
      try log.post(message, as: number)
      meter.update {
        $0.posts += 1
        $0.postedBytes += message.count
      }
      return true
    } catch {
      _ = pending.remove(number)
      meter.update { $0.postsFailed += 1 }
      return false
    }
  }

  /// Tells those who wait what became of messages. Blocks for as long as there is nothing to tell, at most
  /// `outcomesMilliseconds`.
  nonisolated func readOutcomes() {
    let outcomes = log.outcomes(milliseconds: LogHop.outcomesMilliseconds)
    var taken: [FrameBatch.Name] = []
    for outcome in outcomes {
      let names = pending.remove(outcome.number)
      switch outcome.result {
      case .stored:
        taken += names ?? []
        meter.update { $0.stored += 1 }
      case .refused(let refusal): meter.update { $0.note(refusal) }
      }
    }
    if !taken.isEmpty { desk.hearAll(taken) }
    let now = clock()
    let lost = pending.removeBefore(now - min(now, LogHop.outcomeMilliseconds))
    if lost > 0 { meter.update { $0.postsWithoutAnswer += lost } }
  }

  func stop() { isStopped = true }
}

/// The messages that were posted and have no outcome yet.
private final class PendingPosts: Sendable {
  private struct Post {
    let names: [FrameBatch.Name]
    let bytes: Int
    let atMilliseconds: UInt64
  }

  private struct State {
    var posts: [UInt64: Post] = [:]
    var bytes = 0
    var next: UInt64 = 1
  }

  private let state = Locked(State())
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// The number of a new message; nil if there is no room.
  func add(_ names: [FrameBatch.Name], bytes: Int, at milliseconds: UInt64) -> UInt64? {
    state.withLock { state in
      guard state.bytes + bytes <= bytesMax else { return nil }
      state.next += 1
      state.posts[state.next] = Post(names: names, bytes: bytes, atMilliseconds: milliseconds)
      state.bytes += bytes
      return state.next
    }
  }

  /// - Returns: The frames of the message; nil if it is not known.
  func remove(_ number: UInt64) -> [FrameBatch.Name]? {
    state.withLock { state in
      guard let post = state.posts.removeValue(forKey: number) else { return nil }
      state.bytes -= post.bytes
      return post.names
    }
  }

  /// Removes messages that were posted before this time.
  ///
  /// - Returns: How many.
  func removeBefore(_ milliseconds: UInt64) -> Int {
    state.withLock { state in
      let old = state.posts.filter { $0.value.atMilliseconds < milliseconds }
      for (number, post) in old {
        state.posts[number] = nil
        state.bytes -= post.bytes
      }
      return old.count
    }
  }
}
