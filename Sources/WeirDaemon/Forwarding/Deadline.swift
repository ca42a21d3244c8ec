import WeirBytes

/// Whether an operation ends before a time, and says yes.
///
/// A group of tasks would wait for the operation, too, and it may block in the system. So it runs on after the time,
/// and its result is ignored.
func isTrue(
  before end: ContinuousClock.Instant, _ operation: @escaping @Sendable () async -> Bool
) async -> Bool {
  await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
    let waiter = Locked(Optional(continuation))
    let answer: @Sendable (Bool) -> Void = { result in
      let first = waiter.withLock { waiter in
        defer { waiter = nil }
        return waiter
      }
      first?.resume(returning: result)
    }
    let timer = Task {
      do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
      answer(false)
    }
    Task {
      answer(await operation())
      timer.cancel()
    }
  }
}
