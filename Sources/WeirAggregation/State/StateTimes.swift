/// What ties Weir's running seconds to other clocks: the `times` block of the state file.
package struct StateTimes: Sendable, Equatable {
  /// The second of Weir's clock: how long it has run, over all processes.
  package var second: UInt32
  /// The wall clock in milliseconds since 1970.
  package var wallMilliseconds: UInt64
  /// CLOCK_BOOTTIME.
  package var bootMilliseconds: UInt64
  /// Which boot that is: 16 bytes.
  package var bootID: [UInt8]
  /// Since Weir's memory of instances began.
  package var memoryMilliseconds: UInt64
  /// Since the time until which instances were forgotten to make room.
  package var forgottenMilliseconds: UInt64

  package init(
    second: UInt32, wallMilliseconds: UInt64, bootMilliseconds: UInt64, bootID: [UInt8],
    memoryMilliseconds: UInt64, forgottenMilliseconds: UInt64
  ) {
    self.second = second
    self.wallMilliseconds = wallMilliseconds
    self.bootMilliseconds = bootMilliseconds
    self.bootID = bootID
    self.memoryMilliseconds = memoryMilliseconds
    self.forgottenMilliseconds = forgottenMilliseconds
  }
}
