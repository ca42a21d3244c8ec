/// A rate limit by token bucket: it holds up to `burst` requests and gains one each interval.
package struct RequestRate: Sendable, Equatable {
  let intervalNanoseconds: UInt64
  let burst: UInt64

  /// - Precondition: An interval of 1 ns to 24 h, a burst of 1 to 100,000.
  package init(intervalNanoseconds: Int, burst: Int) {
    precondition((1...86_400_000_000_000).contains(intervalNanoseconds), "interval out of range")
    precondition((1...100_000).contains(burst), "burst out of range")
    self.intervalNanoseconds = UInt64(intervalNanoseconds)
    self.burst = UInt64(burst)
  }

  /// Seconds until the bucket has gained a request, rounded up.
  var retrySeconds: Int { Int((intervalNanoseconds + 999_999_999) / 1_000_000_000) }

  /// The level of the bucket, stored as the time at which it will be full again.
  struct Level: Sendable {
    /// In nanoseconds of the same clock as `now`.
    private var fullAt: UInt64 = 0

    /// Takes one request from the bucket; false if it is empty.
    ///
    /// - Parameter now: Nanoseconds of a monotonic clock.
    mutating func take(at now: UInt64, _ rate: RequestRate) -> Bool {
      let start = max(fullAt, now)
      guard start - now <= rate.intervalNanoseconds * (rate.burst - 1) else { return false }
      fullAt = start + rate.intervalNanoseconds
      return true
    }
  }
}
