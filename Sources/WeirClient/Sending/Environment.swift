// Safety: clock_gettime fills a local value.

import Glibc

/// The clocks that a client goes by.
struct ClientClock: Sendable {
  /// Milliseconds since 1970.
  var wallMilliseconds: @Sendable () -> UInt64
  /// Nanoseconds since the machine started, those that it slept counted.
  var nanoseconds: @Sendable () -> UInt64

  static let system = ClientClock(
    wallMilliseconds: { read(CLOCK_REALTIME) / 1_000_000 },
    nanoseconds: { read(CLOCK_BOOTTIME) })

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// What a client has of the world, so that tests can have another.
struct Environment: Sendable {
  var clock = ClientClock.system
  var random: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
  /// Makes what frames go through, once in each run.
  var transport: @Sendable (Settings, ClientClock, WorkingTime) -> any FrameTransport = {
    UDPTransport(server: $0.server, clock: $1, working: $2)
  }
}
