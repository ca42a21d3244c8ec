import CLinux
import Glibc

/// How a series is divided, so that threads don't wait for each other's cache lines.
///
/// A stripe belongs to a processor, not to a thread: two threads that run at the same moment run on two
/// processors, and so never meet in a stripe while there are as many as processors. A thread that was
/// moved in between, or finds a stripe taken, is right on any other: the stripes are added up.
enum Stripes {
  /// As many as processors, rounded up to a power of two; 16 at most, which bounds a series' memory.
  static let count: Int = {
    let processors = max(2, min(sysconf(Int32(_SC_NPROCESSORS_CONF)), 16))
    return 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
  }()

  /// The processor that the thread is on; 0 where the system does not tell.
  @inline(__always)
  static var current: Int { max(0, Int(sched_getcpu())) }
}
