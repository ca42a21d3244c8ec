import Synchronization

/// The number of forks between this process and the ancestor that first created a client.
///
/// A fork copies only the calling thread, but all locks in their current state. The Swift runtime
/// takes locks when it uses a type for the first time. If another thread holds such a lock during
/// the fork, it is never released in the child process, and a thread that needs it there waits
/// forever. A library cannot prevent that. Therefore the handlers in the child process only run
/// code that has just run in the parent: they count the fork and release the client's locks. The
/// child process sends nothing until the application calls `restartAfterFork`.
enum Forks {
  private static let count = Atomic<UInt64>(0)

  @inline(__always)
  static var soFar: UInt64 { count.load(ordering: .relaxed) }

  static func countOne() { count.add(1, ordering: .relaxed) }
}
