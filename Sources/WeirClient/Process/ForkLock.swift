import Glibc
import Synchronization

/// A lock that can be held across a fork and released in the child process.
///
/// For rare operations: a waiting thread yields the processor and tries again.
struct ForkLock: ~Copyable, Sendable {
  private let isTaken = Atomic<Bool>(false)

  func lock() {
    while isTaken.exchange(true, ordering: .acquiring) { sched_yield() }
  }

  func unlock() {
    isTaken.store(false, ordering: .releasing)
  }
}

/// Whether a client's thread works or rests. A fork waits until it rests.
///
/// So the thread never holds anything during a fork for which the child process would wait forever.
final class WorkingTime: Sendable {
  private let lock = ForkLock()

  func begin() { lock.lock() }
  func end() { lock.unlock() }

  /// Runs `body` as rest. It should only wait, because a fork can happen during it.
  func resting<Result>(_ body: () throws -> Result) rethrows -> Result {
    end()
    defer { begin() }
    return try body()
  }
}
