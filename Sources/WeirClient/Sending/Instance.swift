/// One run of a client in one process, as frames name it.
struct Instance: Sendable, Equatable {
  let number: UInt64
  let startMilliseconds: UInt64
  /// The start by the clock that ages are taken from.
  let startNanoseconds: UInt64

  init(drawnFrom environment: Environment) {
    number = environment.random()
    startMilliseconds = environment.clock.wallMilliseconds()
    startNanoseconds = environment.clock.nanoseconds()
  }

  func ageMilliseconds(at nanoseconds: UInt64) -> UInt64 {
    nanoseconds > startNanoseconds ? (nanoseconds - startNanoseconds) / 1_000_000 : 0
  }
}
