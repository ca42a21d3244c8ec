import WeirBytes

/// A `StateStore` in memory, for tests.
package final class MemoryStore: StateStore {
  private struct Contents {
    var states: [(state: StoredState, bytes: [UInt8])] = []
    var timeMilliseconds: UInt64 = 1_700_000_000_000
    var failure: LogFailure?
  }

  private let contents = Locked(Contents())

  package init() {}

  /// What each call throws from now on; nil to work.
  package func setFailure(_ failure: LogFailure?) { contents.withLock { $0.failure = failure } }

  /// The store's time; states that are put later have it.
  package func setTime(milliseconds: UInt64) {
    contents.withLock { $0.timeMilliseconds = milliseconds }
  }

  package func list(milliseconds: Int) throws(LogFailure) -> [StoredState] {
    try contents.withLock { contents throws(LogFailure) in
      if let failure = contents.failure { throw failure }
      return contents.states.map(\.state).sorted {
        ($0.sequence ?? 0, $0.timeMilliseconds) < ($1.sequence ?? 0, $1.timeMilliseconds)
      }
    }
  }

  package func get(_ name: String, milliseconds: Int) throws(LogFailure) -> [UInt8] {
    try contents.withLock { contents throws(LogFailure) in
      if let failure = contents.failure { throw failure }
      guard let found = contents.states.first(where: { $0.state.name == name }) else {
        throw .notFound("There is no state '\(name)'.")
      }
      return found.bytes
    }
  }

  package func put(
    _ name: String, _ bytes: [UInt8], sequence: UInt64, milliseconds: Int
  ) throws(LogFailure) {
    try contents.withLock { contents throws(LogFailure) in
      if let failure = contents.failure { throw failure }
      contents.states.removeAll { $0.state.name == name }
      let state = StoredState(
        name: name, bytes: UInt64(bytes.count), sequence: sequence,
        timeMilliseconds: contents.timeMilliseconds)
      contents.states.append((state, bytes))
    }
  }

  package func remove(_ name: String, milliseconds: Int) throws(LogFailure) {
    try contents.withLock { contents throws(LogFailure) in
      if let failure = contents.failure { throw failure }
      contents.states.removeAll { $0.state.name == name }
    }
  }
}
