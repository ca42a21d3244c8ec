// Safety: clock_gettime fills a local value.

import Glibc

/// The clocks of a client.
struct ClientClock: Sendable {
  /// Milliseconds since 1970.
  var wallMilliseconds: @Sendable () -> UInt64
  /// Nanoseconds since the machine was started, including suspended time.
  var nanoseconds: @Sendable () -> UInt64

  static let system = ClientClock(
    wallMilliseconds: { read(CLOCK_REALTIME) / 1_000_000 },
    nanoseconds: { read(CLOCK_BOOTTIME) })

  /// Nanoseconds of a clock; 0 if it is set to a time before 1970.
  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    guard time.tv_sec >= 0 else { return 0 }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  func moment() -> Moment {
    Moment(nanoseconds: nanoseconds(), wallMilliseconds: wallMilliseconds())
  }
}

/// The current time of both clocks.
struct Moment: Sendable, Equatable {
  /// Since the machine was started, including suspended time.
  var nanoseconds: UInt64
  /// Since 1970.
  var wallMilliseconds: UInt64
}

/// The external dependencies of a client. Tests replace them.
struct Environment: Sendable {
  var clock = ClientClock.system
  var random: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
  /// Creates the transport, once for each run.
  var transport: @Sendable (Settings, ClientClock, WorkingTime) -> any FrameTransport = {
    UDPTransport(server: $0.server, clock: $1, working: $2)
  }
}
