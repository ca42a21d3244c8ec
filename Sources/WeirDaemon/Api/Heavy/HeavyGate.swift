import WeirBytes

/// Lets one heavy question be answered at a time. Others wait for a while, in the order in which they came.
final class HeavyGate: Sendable {
  private struct Waiter {
    /// Nil until it waits.
    var continuation: CheckedContinuation<Bool, Never>?
    var hasGivenUp = false
  }

  private struct State: ~Copyable {
    var isTaken = false
    var lastNumber = 0
    var waiters: [Int: Waiter] = [:]
  }

  private let state = Locked(State())
  private let sleep: @Sendable () async -> Void

  /// How long a question waits.
  static let waitSeconds = 1

  /// - Parameter sleep: Returns when a question has waited for long enough, or when its task is cancelled.
  init(
    sleep: @escaping @Sendable () async -> Void = {
      try? await Task.sleep(for: .seconds(HeavyGate.waitSeconds))
    }
  ) {
    self.sleep = sleep
  }

  /// How many questions wait.
  var waiting: Int { state.withLock { $0.waiters.count } }

  /// Waits for the gate.
  ///
  /// - Returns: False if it was taken for too long, or if the task was cancelled. If true, `leave` must follow.
  func enter() async -> Bool {
    let number = state.withLock { state -> Int? in
      guard state.isTaken else {
        state.isTaken = true
        return nil
      }
      state.lastNumber += 1
      state.waiters[state.lastNumber] = Waiter()
      return state.lastNumber
    }
    guard let number else { return true }
    let timer = Task { [self, sleep] in
      await sleep()
      giveUp(number)
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { wait(number, $0) }
    } onCancel: {
      giveUp(number)
    }
  }

  /// Lets the next question in.
  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      let first = state.waiters.filter { $0.value.continuation != nil }.keys.min()
      guard let first else {
        state.isTaken = false
        return nil
      }
      return state.waiters.removeValue(forKey: first)?.continuation
    }
    next?.resume(returning: true)
  }

  private func wait(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>) {
    let answer = state.withLock { state -> Bool? in
      let hasGivenUp = state.waiters[number]?.hasGivenUp ?? true
      // The gate may have become free meanwhile.
      guard !hasGivenUp, state.isTaken else {
        state.waiters[number] = nil
        if !hasGivenUp { state.isTaken = true }
        return !hasGivenUp
      }
      state.waiters[number]?.continuation = continuation
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  private func giveUp(_ number: Int) {
    let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard let continuation = state.waiters[number]?.continuation else {
        state.waiters[number]?.hasGivenUp = true
        return nil
      }
      state.waiters[number] = nil
      return continuation
    }
    continuation?.resume(returning: false)
  }
}
