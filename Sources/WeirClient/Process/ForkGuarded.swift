import WeirBytes

/// A value behind a lock that can be held across a fork, and is whole in the child.
///
/// The standard library's mutex remembers the thread that has it by a number which the forking thread
/// loses in the child, and ends the program where it then meets another there. So a lock that knows no
/// threads stands before it: the mutex never sees two.
struct ForkGuarded<Value: ~Copyable>: ~Copyable, Sendable {
  private let door = ForkLock()
  private let value: Locked<Value>

  init(_ value: consuming sending Value) {
    self.value = Locked(value)
  }

  /// Runs `body` with the value, alone.
  func withLock<Result: ~Copyable>(
    _ body: (inout sending Value) -> sending Result
  ) -> sending Result {
    lock()
    defer { unlock() }
    return withLockHeld(body)
  }

  /// Takes the lock, until `unlock()`, which may come in the child of a fork.
  func lock() { door.lock() }

  func unlock() { door.unlock() }

  /// Runs `body` with the value between `lock()` and `unlock()`.
  func withLockHeld<Result: ~Copyable>(
    _ body: (inout sending Value) -> sending Result
  ) -> sending Result {
    value.withLock { body(&$0) }
  }
}
