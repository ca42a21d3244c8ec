// Safety: every call takes a pointer to a value on its function's stack, which outlives the call;
// the kernel keeps none.
import Glibc

/// The clocks of this machine, in nanoseconds.
package enum Clock {
  package static let nanosecondsPerSecond = 1_000_000_000

  /// The monotonic clock.
  package static func now() -> Int { read(CLOCK_MONOTONIC) }

  /// The CPU time of this process, user and system, on all its threads.
  package static func cpuTime() -> Int { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// The CPU time of the calling thread alone: what it would have taken on a core of its own.
  package static func threadTime() -> Int { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Sleeps until `now()` is `deadline`; returns at once when it already is.
  package static func sleep(until deadline: Int) {
    var time = timespec(
      tv_sec: deadline / nanosecondsPerSecond, tv_nsec: deadline % nanosecondsPerSecond)
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time.tv_sec * nanosecondsPerSecond + time.tv_nsec
  }
}
