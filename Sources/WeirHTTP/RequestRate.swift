/// A bound on requests: a bucket that holds `burst` of them, and is given one more each interval.
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

  /// Seconds after which there is room again, at the latest.
  var retrySeconds: Int { Int((intervalNanoseconds + 999_999_999) / 1_000_000_000) }

  /// How full the bucket is, as the time at which it will be full again.
  struct Level: Sendable {
    private var fullAt: UInt64 = 0

    /// Takes a request out of the bucket; false where it is empty.
    mutating func take(at now: UInt64, _ rate: RequestRate) -> Bool {
      let start = max(fullAt, now)
      guard start - now <= rate.intervalNanoseconds * (rate.burst - 1) else { return false }
      fullAt = start + rate.intervalNanoseconds
      return true
    }
  }
}
