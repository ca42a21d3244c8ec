import BenchmarkPayload

/// An open loop's schedule: datagram `n` is due at `start + n / rate`, whatever the server does.
struct Pace {
  /// Gathering what is due within a millisecond halves the sender's own load.
  static let tickNanoseconds = 1_000_000

  let start: Int
  /// 0 makes everything due at once.
  let datagramsPerSecond: Int

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

  /// The next moment to look, never sooner than one tick from `now`.
  func wake(after now: Int, next number: Int) -> Int {
    max(deadline(of: number), now + Self.tickNanoseconds)
  }
}
