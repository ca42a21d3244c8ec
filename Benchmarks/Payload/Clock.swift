// Safety: both calls take pointers to timespec values on this function's stack, which outlive the
// call; the kernel keeps neither.
import Glibc

/// The monotonic clock, in nanoseconds.
package enum Clock {
  package static let nanosecondsPerSecond = 1_000_000_000

  package static func now() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * nanosecondsPerSecond + time.tv_nsec
  }

  /// Sleeps until the clock shows `deadline`; returns at once when it already does.
  package static func sleep(until deadline: Int) {
    var time = timespec(
      tv_sec: deadline / nanosecondsPerSecond, tv_nsec: deadline % nanosecondsPerSecond)
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }
}
