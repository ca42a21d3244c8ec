import CLinux
import Glibc

/// The division of a series into stripes, so that threads do not compete for cache lines.
///
/// Stripes are selected by processor, not by thread. Two threads that run at the same time run on
/// different processors, so they use different stripes if there are as many stripes as processors.
/// A thread that was moved to another processor, or finds a stripe locked, may use any stripe,
/// because they are added up.
enum Stripes {
  /// The number of processors, rounded up to a power of two; at most 16, to limit a series' memory.
  static let count: Int = {
    let processors = max(2, min(sysconf(Int32(_SC_NPROCESSORS_CONF)), 16))
    return 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
  }()

  /// The processor on which the thread runs; 0 if it is unknown.
  @inline(__always)
  static var current: Int { max(0, Int(sched_getcpu())) }
}
