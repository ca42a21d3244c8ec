import WeirBytes

/// The markers of this node that scrapes wait for.
///
///     scrape ── begin ──▶ number ──▶ log ──▶ comes back ── arrived ──▶ the scrape reads the view
///
/// A marker stands for all that were begun before it: they are in the log before it, or were lost.
final class ClusterMarkers: Sendable {
  private struct State {
    var next: UInt64 = 0
    /// The greatest number that has come back.
    var arrived: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var isEnded = false
  }

  private let state = Locked(State())

  /// The number of a new marker.
  func begin() -> UInt64 {
    state.withLock { state in
      state.next += 1
      return state.next
    }
  }

  func hasArrived(_ number: UInt64) -> Bool { state.withLock { $0.arrived >= number } }

  /// Returns when a marker has come back, at the latest when `wake` is called for it.
  func wait(for number: UInt64) async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.arrived >= number || state.isEnded { return true }
        state.waiting[number] = continuation
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// Lets the scrape that waits for a marker go on without it.
  func wake(_ number: UInt64) {
    state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
  }

  /// Pauses between two wakes.
  ///
  /// - Returns: False where the task was cancelled.
  func rests() async -> Bool { (try? await Task.sleep(for: .milliseconds(50))) != nil }

  /// Notes that a marker has come back.
  func arrived(_ number: UInt64) {
    let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard number > state.arrived, number <= state.next else { return [] }
      state.arrived = number
      let due = state.waiting.filter { $0.key <= number }
      for key in due.keys { state.waiting[key] = nil }
      return Array(due.values)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Takes back `end`.
  func resume() { state.withLock { $0.isEnded = false } }

  /// Whether no marker comes back any more.
  var isEnded: Bool { state.withLock { $0.isEnded } }

  /// Lets everyone go on, now and later.
  func end() {
    let woken = state.withLock { state in
      state.isEnded = true
      let all = Array(state.waiting.values)
      state.waiting = [:]
      return all
    }
    for continuation in woken { continuation.resume() }
  }
}
