import Dispatch

/// The clock of a keeper with its timer. Tests move it by hand.
struct KeeperTime: Sendable {
  let now: @Sendable () -> ContinuousClock.Instant
  /// Runs a function at a time; soon if that is over. Never before this returns.
  let call: @Sendable (ContinuousClock.Instant, @escaping @Sendable () -> Void) -> Void

  /// The clock of the system, and a queue for what is called.
  static func system() -> KeeperTime {
    let queue = DispatchQueue(label: "weir.state.timer", qos: .userInitiated)
    return KeeperTime(
      now: { .now },
      call: { time, body in
        let nanoseconds = max(0, (time - .now) / .nanoseconds(1))
        queue.asyncAfter(
          deadline: .now() + .nanoseconds(Int(min(nanoseconds, 1e17))), execute: body)
      })
  }
}
