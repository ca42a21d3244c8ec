import Glibc

extension timespec {
  /// The time as a number of seconds.
  var inSeconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }

  /// The time in milliseconds, without what is left of a millisecond. A time that is too long for it wraps around.
  var inMilliseconds: Int { tv_sec &* 1_000 &+ tv_nsec / 1_000_000 }

  /// The time in nanoseconds. A time after the year 2262 wraps around.
  var inNanoseconds: Int64 { Int64(tv_sec) &* 1_000_000_000 &+ Int64(tv_nsec) }
}
