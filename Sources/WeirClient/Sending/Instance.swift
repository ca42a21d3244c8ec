/// The identity of one run of a client in one process, as sent in frames.
struct Instance: Sendable, Equatable {
  let number: UInt64
  let startMilliseconds: UInt64
  /// The start time of the monotonic clock, from which ages are computed.
  let startNanoseconds: UInt64

  init(drawnFrom environment: Environment) {
    number = environment.random()
    startMilliseconds = environment.clock.wallMilliseconds()
    startNanoseconds = environment.clock.nanoseconds()
  }

  /// The age at a time of the monotonic clock; 0 before the start.
  func ageMilliseconds(at nanoseconds: UInt64) -> UInt64 {
    nanoseconds > startNanoseconds ? (nanoseconds - startNanoseconds) / 1_000_000 : 0
  }
}
