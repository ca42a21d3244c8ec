import Glibc
import Synchronization

/// A lock that can be held across a fork, and given back in the child.
///
/// It is for what is done now and then; whoever finds it taken gives up the processor.
struct ForkLock: ~Copyable, Sendable {
  private let isTaken = Atomic<Bool>(false)

  func lock() {
    while isTaken.exchange(true, ordering: .acquiring) { sched_yield() }
  }

  func unlock() {
    isTaken.store(false, ordering: .releasing)
  }
}

/// The time in which a client's thread works; a fork waits until it rests.
///
/// So the thread is never in the middle of something that the child would wait for.
final class WorkingTime: Sendable {
  private let lock = ForkLock()

  func begin() { lock.lock() }
  func end() { lock.unlock() }

  /// Runs `body`, which waits for something and does little else.
  func resting<Result>(_ body: () throws -> Result) rethrows -> Result {
    end()
    defer { begin() }
    return try body()
  }
}
