import BenchmarkKit

/// An open loop's schedule: datagram `n` is due at `start + n / rate`, whatever the server does.
struct Pace {
  let start: Int
  /// 0 makes everything due at once.
  let datagramsPerSecond: Int
  /// What is due within this time is sent together: a millisecond halves the sender's own load. 0
  /// gathers nothing.
  let tickNanoseconds: Int

  /// How many datagrams are due at `now`.
  func due(at now: Int) -> Int {
    if datagramsPerSecond == 0 { return .max }
    let elapsed = max(0, now - start)
    let (seconds, rest) = elapsed.quotientAndRemainder(dividingBy: Clock.nanosecondsPerSecond)
    // Split so that ten minutes at ten million a second stay far from overflow.
    return seconds * datagramsPerSecond
      + rest * datagramsPerSecond / Clock.nanosecondsPerSecond + 1
  }

  /// When datagram `number` (from 0) is due, on the clock of `start`.
  func deadline(of number: Int) -> Int {
    if datagramsPerSecond == 0 { return start }
    let (seconds, rest) = number.quotientAndRemainder(dividingBy: datagramsPerSecond)
    return start + seconds * Clock.nanosecondsPerSecond
      + (rest * Clock.nanosecondsPerSecond + datagramsPerSecond - 1) / datagramsPerSecond
  }

  /// Waits until datagram `number` is due, at least a tick, but not after `end`. Returns the time
  /// then.
  ///
  /// Without a tick it never sleeps, because sleeping ends some fifty microseconds late.
  func wait(from now: Int, next number: Int, end: Int) -> Int {
    let wake = min(max(deadline(of: number), now + tickNanoseconds), end)
    if tickNanoseconds > 0 { Clock.sleep(until: wake) }
    var now = Clock.now()
    while now < wake { now = Clock.now() }
    return now
  }
}
