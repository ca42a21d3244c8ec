import WeirBytes

@testable import WeirDaemon

/// A clock that stands still until a test moves it.
final class ManualTime: Sendable {
  private struct State: Sendable {
    var now: ContinuousClock.Instant
    var calls: [(at: ContinuousClock.Instant, body: @Sendable () -> Void)] = []
  }

  private let state: Locked<State>

  private let begun: ContinuousClock.Instant

  init() {
    begun = .now
    state = Locked(State(now: begun))
  }

  var now: ContinuousClock.Instant { state.withLock { $0.now } }

  /// Whole seconds since 1970.
  var wallSeconds: Double { 1_767_323_045 + ((now - begun) / .seconds(1)).rounded(.down) }

  /// What a keeper gets.
  var time: KeeperTime {
    KeeperTime(
      now: { self.now },
      call: { at, body in self.state.withLock { $0.calls.append((at, body)) } })
  }

  /// Moves the clock, and calls whatever is due, in its order.
  func pass(_ duration: Duration) {
    let end = now + duration
    while let body = next(until: end) { body() }
    state.withLock { $0.now = end }
  }

  /// The next call until a time, to which the clock is set.
  private func next(until end: ContinuousClock.Instant) -> (@Sendable () -> Void)? {
    state.withLock { state in
      let due = state.calls.indices.filter { state.calls[$0].at <= end }
      guard let first = due.min(by: { state.calls[$0].at < state.calls[$1].at }) else { return nil }
      let call = state.calls.remove(at: first)
      state.now = max(state.now, call.at)
      return call.body
    }
  }
}
