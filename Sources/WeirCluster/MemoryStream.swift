import Dispatch
import WeirBytes

/// The messages that all `MemoryLog`s of a test share, in place of a server.
///
/// What servers do wrong is asked for by its functions.
package final class MemoryStream: Sendable {
  struct State {
    var messages: [LogMessage] = []
    var first: UInt64 = 1
    var last: UInt64 = 0
    var bytes = 0
    var bytesMax: Int
    var generation = 1
    var metadata: [String: String]
    var timeMilliseconds: UInt64
    var isStalled = false
    var identity: String { "memory-\(generation)" }
    /// Threads that wait for a change.
    var waiting: [DispatchSemaphore] = []

    mutating func wake() {
      for semaphore in waiting { semaphore.signal() }
      waiting = []
    }

    mutating func store(_ payload: [UInt8]) -> PostOutcome.Result {
      guard bytes + payload.count <= bytesMax else {
        return .refused(.full("The log has \(bytesMax) bytes, as many as it may have."))
      }
      last += 1
      bytes += payload.count
      messages.append(
        LogMessage(sequence: last, timeMilliseconds: timeMilliseconds, payload: payload))
      wake()
      return .stored(sequence: last)
    }

    mutating func trim(through sequence: UInt64) {
      let removed = messages.prefix { $0.sequence <= sequence }
      bytes -= removed.reduce(0) { $0 + $1.payload.count }
      messages.removeFirst(removed.count)
      first = messages.first?.sequence ?? last + 1
    }
  }

  let state: Locked<State>

  /// - Parameter bytesMax: Of all payloads together.
  package init(
    bytesMax: Int = .max, metadata: [String: String] = [:],
    timeMilliseconds: UInt64 = 1_700_000_000_000
  ) {
    state = Locked(
      State(bytesMax: bytesMax, metadata: metadata, timeMilliseconds: timeMilliseconds))
  }

  /// The log's time; messages that are stored later have it.
  package func setTime(milliseconds: UInt64) {
    state.withLock { $0.timeMilliseconds = milliseconds }
  }

  /// While it is stalled nothing is stored, and nothing that is posted has an outcome before it goes on, as without
  /// a leader. Messages that are stored can be read.
  package func setStalled(_ isStalled: Bool) {
    state.withLock { state in
      state.isStalled = isStalled
      state.wake()
    }
  }

  package func setBytesMax(_ bytesMax: Int) { state.withLock { $0.bytesMax = bytesMax } }

  /// Removes the log and makes it anew.
  ///
  /// - Parameter metadata: Of the new one; nil for those of the old one.
  package func replace(metadata: [String: String]? = nil) {
    state.withLock { state in
      let generation = state.generation + 1
      let waiting = state.waiting
      state = State(
        bytesMax: state.bytesMax, metadata: metadata ?? state.metadata,
        timeMilliseconds: state.timeMilliseconds)
      state.generation = generation
      for semaphore in waiting { semaphore.signal() }
    }
  }

  /// Loses the messages after a sequence, as a server whose disk did not keep them.
  package func loseEnd(after sequence: UInt64) {
    state.withLock { state in
      let kept = state.messages.prefix { $0.sequence <= sequence }
      state.messages = Array(kept)
      state.bytes = kept.reduce(0) { $0 + $1.payload.count }
      state.last = min(state.last, sequence)
      state.first = min(state.first, state.last + 1)
      state.wake()
    }
  }

  /// Calls `attempt` until it returns something, or the time is over.
  func wait<Result: Sendable, Failure: Error>(
    milliseconds: Int, _ attempt: (inout State) throws(Failure) -> Result?
  ) throws(Failure) -> Result? {
    let end = DispatchTime.now() + .milliseconds(max(0, milliseconds))
    while true {
      let semaphore = DispatchSemaphore(value: 0)
      let result = try state.withLock { state throws(Failure) -> Result? in
        let result = try attempt(&state)
        if result == nil { state.waiting.append(semaphore) }
        return result
      }
      if let result { return result }
      if semaphore.wait(timeout: end) == .timedOut {
        state.withLock { state in state.waiting.removeAll { $0 === semaphore } }
        return nil
      }
    }
  }
}
