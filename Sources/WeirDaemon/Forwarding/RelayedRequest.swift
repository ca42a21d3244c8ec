import WeirBytes

/// A request over HTTP whose frames were passed on. It is answered when the next hop has answered all of them.
final class RelayedRequest: Sendable {
  private struct State {
    var left = 0
    var waiter: CheckedContinuation<Bool, Never>?
    var isOver = false
    var refusal: String?
  }

  private let state = Locked(State())

  /// Waits for one more answer.
  func expectOne() { state.withLock { $0.left += 1 } }

  /// Notes one answer.
  func confirmOne() {
    finish { state in
      state.left -= 1
      return state.left == 0 && state.waiter != nil ? true : nil
    }
  }

  /// Why it can't be confirmed; nil where no answer came in time.
  var refusal: String? { state.withLock { $0.refusal } }

  /// Gives up waiting.
  func giveUp(_ refusal: String? = nil) {
    finish { state in
      state.refusal = state.refusal ?? refusal
      return false
    }
  }

  /// Waits for all answers.
  ///
  /// - Returns: Whether all came.
  func wait(seconds: Double) async -> Bool {
    let timer = Task {
      try? await Task.sleep(for: .seconds(seconds))
      self.giveUp()
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool? in
        if state.left <= 0 { return true }
        if state.isOver { return false }
        state.waiter = continuation
        return nil
      }
      if let now { continuation.resume(returning: now) }
    }
  }

  private func finish(_ body: (inout State) -> Bool?) {
    let (waiter, result) = state.withLock {
      state -> (CheckedContinuation<Bool, Never>?, Bool) in
      guard let result = body(&state), !state.isOver else { return (nil, false) }
      state.isOver = true
      defer { state.waiter = nil }
      return (state.waiter, result)
    }
    waiter?.resume(returning: result)
  }
}
