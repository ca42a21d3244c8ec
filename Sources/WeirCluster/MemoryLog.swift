import Dispatch
import Synchronization
import WeirBytes

/// An `OrderedLog` in memory, for tests: each node has one, and all nodes of a test share a `MemoryStream`.
package final class MemoryLog: OrderedLog {
  /// The most bytes of a message, as with servers.
  package static let messageBytesMax = 1 << 20
  private static let lost = "The connection to the log was cut."

  private struct Node {
    var isConnected = true
    var reconnects: UInt64 = 0
    /// What was posted while the stream was stalled.
    var held: [(number: UInt64, payload: [UInt8])] = []
    var outcomes: [PostOutcome] = []
  }

  private let stream: MemoryStream
  /// Taken before the stream's lock.
  private let node = Locked(Node())
  private let isClosed = Atomic(false)
  /// The same as that of `node`, for readers, which hold the stream's lock.
  private let isConnected = Atomic(true)
  /// Of the stream that was opened.
  private let identity: Locked<String>

  package init(_ stream: MemoryStream) {
    self.stream = stream
    identity = Locked(stream.state.withLock { $0.identity })
  }

  /// Cuts the connection of this node, or lets it come back. What it has posted and what is not stored is lost.
  package func setConnected(_ isConnected: Bool) {
    node.withLock { node in
      if isConnected, !node.isConnected { node.reconnects += 1 }
      if !isConnected { node.held = [] }
      node.isConnected = isConnected
      self.isConnected.store(isConnected, ordering: .releasing)
    }
    stream.state.withLock { $0.wake() }
  }

  package func post(_ payload: [UInt8], as number: UInt64) throws(LogFailure) {
    guard payload.count <= MemoryLog.messageBytesMax else {
      throw .tooLarge(
        "A message has \(payload.count) bytes; the log takes at most \(MemoryLog.messageBytesMax).")
    }
    if isClosed.load(ordering: .acquiring) { throw .closed }
    try node.withLock { node throws(LogFailure) in
      guard node.isConnected else { throw .disconnected(MemoryLog.lost) }
      node.held.append((number, payload))
      stream.state.withLock { MemoryLog.storeHeld(&node, &$0) }
    }
  }

  private static func storeHeld(_ node: inout Node, _ stream: inout MemoryStream.State) {
    guard !stream.isStalled else { return }
    for (number, payload) in node.held {
      node.outcomes.append(PostOutcome(number: number, result: stream.store(payload)))
    }
    node.held = []
    if !node.outcomes.isEmpty { stream.wake() }
  }

  package func outcomes(milliseconds: Int) -> [PostOutcome] {
    let end = DispatchTime.now() + .milliseconds(max(0, milliseconds))
    while true {
      let semaphore = DispatchSemaphore(value: 0)
      let taken = node.withLock { node -> [PostOutcome] in
        stream.state.withLock { stream in
          MemoryLog.storeHeld(&node, &stream)
          if node.outcomes.isEmpty { stream.waiting.append(semaphore) }
        }
        defer { node.outcomes = [] }
        return node.outcomes
      }
      if !taken.isEmpty { return taken }
      let isOver = semaphore.wait(timeout: end) == .timedOut
      if isOver { stream.state.withLock { $0.waiting.removeAll { $0 === semaphore } } }
      if isOver || isClosed.load(ordering: .acquiring) { return [] }
    }
  }

  package func read(after sequence: UInt64, milliseconds: Int) throws(LogFailure) -> [LogMessage] {
    try stream.wait(milliseconds: milliseconds) { (state) throws(LogFailure) -> [LogMessage]? in
      if isClosed.load(ordering: .acquiring) { throw .closed }
      // `setConnected` wakes those that wait.
      guard isConnected.load(ordering: .acquiring) else { return nil }
      return try MemoryLog.next(after: sequence, in: state, identity: identity.withLock { $0 })
    } ?? []
  }

  private static func next(
    after sequence: UInt64, in state: MemoryStream.State, identity: String
  ) throws(LogFailure) -> [LogMessage]? {
    guard state.identity == identity else {
      throw .streamReplaced("The log was removed and made anew.")
    }
    guard state.last >= sequence else {
      throw .streamReplaced("The log ends at \(state.last), and \(sequence) was already read.")
    }
    guard sequence + 1 >= state.first else { throw .gap(firstSequence: state.first) }
    let skipped = Int(sequence + 1 - state.first)
    return skipped < state.messages.count ? Array(state.messages[skipped...].prefix(256)) : nil
  }

  package func bounds(milliseconds: Int) throws(LogFailure) -> LogBounds {
    try check()
    return stream.state.withLock { state in
      LogBounds(
        first: state.first, last: state.last, bytes: UInt64(state.bytes),
        bytesMax: state.bytesMax == .max ? nil : UInt64(state.bytesMax),
        identity: state.identity, metadata: state.metadata)
    }
  }

  package func trim(through sequence: UInt64, milliseconds: Int) throws(LogFailure) {
    try check()
    stream.state.withLock { $0.trim(through: sequence) }
  }

  package func accept(_ bounds: LogBounds) { identity.withLock { $0 = bounds.identity } }

  package func updateMetadata(
    _ metadata: [String: String], milliseconds: Int
  ) throws(LogFailure) {
    try check()
    stream.state.withLock { $0.metadata = metadata }
  }

  private func check() throws(LogFailure) {
    if isClosed.load(ordering: .acquiring) { throw .closed }
    guard node.withLock({ $0.isConnected }) else { throw .disconnected(MemoryLog.lost) }
  }

  package var connection: LogConnection {
    node.withLock { node in
      LogConnection(
        isConnected: node.isConnected && !isClosed.load(ordering: .acquiring), server: "memory",
        version: "0",
        reconnects: node.reconnects, fault: node.isConnected ? nil : MemoryLog.lost)
    }
  }

  package func close() {
    isClosed.store(true, ordering: .releasing)
    stream.state.withLock { $0.wake() }
  }
}
