import WeirBytes

/// A value protected by a lock that can be held across a fork, so that the value is consistent in
/// the child process.
///
/// The standard library's mutex stores the ID of the thread that holds it. The forking thread has
/// another ID in the child process, and the mutex ends the program if they differ. Therefore
/// `ForkLock`, which stores no ID, is taken first, and the mutex is never held across a fork or
/// contended.
struct ForkGuarded<Value: ~Copyable>: ~Copyable, Sendable {
  private let door = ForkLock()
  private let value: Locked<Value>

  init(_ value: consuming sending Value) {
    self.value = Locked(value)
  }

  /// Runs `body` with exclusive access to the value.
  func withLock<Result: ~Copyable>(
    _ body: (inout sending Value) -> sending Result
  ) -> sending Result {
    lock()
    defer { unlock() }
    return withLockHeld(body)
  }

  /// Takes the lock. `unlock()` may be called in the child process of a fork.
  func lock() { door.lock() }

  func unlock() { door.unlock() }

  /// Runs `body` with the value between `lock()` and `unlock()`.
  func withLockHeld<Result: ~Copyable>(
    _ body: (inout sending Value) -> sending Result
  ) -> sending Result {
    value.withLock { body(&$0) }
  }
}
