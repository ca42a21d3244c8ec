import Synchronization

/// How often this process, or an ancestor that had a client already, has forked to become what it is.
///
/// A fork copies the calling thread alone, and every lock as it is. The Swift runtime has locks of its
/// own, which it takes when it meets a type for the first time: one that another thread has at that
/// moment is never given back in the child, and who asks for it there waits for ever. No library can
/// help that. So nothing runs in the child unasked but what ran in the parent just before: the fork is
/// counted, and the client's own locks are given back. The child sends nothing until its program says
/// that it may.
enum Forks {
  private static let count = Atomic<UInt64>(0)

  @inline(__always)
  static var soFar: UInt64 { count.load(ordering: .relaxed) }

  static func countOne() { count.add(1, ordering: .relaxed) }
}
