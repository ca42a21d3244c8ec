/// The moment of a commit by each clock: what the block `times` of the state file holds.
package struct StateTimes: Sendable, Equatable {
  /// Of Weir's own clock, `Aggregator.expire`.
  package var second: UInt32
  /// Since 1970.
  package var wallMilliseconds: UInt64
  /// CLOCK_BOOTTIME.
  package var bootMilliseconds: UInt64
  /// 16 bytes.
  package var bootID: [UInt8]
  /// How long Weir's memory of instances lasts, and until when instances were forgotten to make
  /// room, in milliseconds from its beginning: `Owners.memoryMilliseconds`.
  package var memoryMilliseconds: UInt64
  package var forgottenMilliseconds: UInt64

  /// - Precondition: `bootID` has 16 bytes.
  package init(
    second: UInt32, wallMilliseconds: UInt64 = 0, bootMilliseconds: UInt64 = 0,
    bootID: [UInt8] = [UInt8](repeating: 0, count: 16), memoryMilliseconds: UInt64 = 0,
    forgottenMilliseconds: UInt64 = 0
  ) {
    precondition(bootID.count == 16)
    self.second = second
    self.wallMilliseconds = wallMilliseconds
    self.bootMilliseconds = bootMilliseconds
    self.bootID = bootID
    self.memoryMilliseconds = memoryMilliseconds
    self.forgottenMilliseconds = forgottenMilliseconds
  }
}

extension Owners {
  /// How long Weir's memory of instances lasts by now, and until when instances were forgotten to
  /// make room, in milliseconds from its beginning.
  package var memoryMilliseconds: UInt64 { memory.uptime() }
  package var forgottenMilliseconds: UInt64 { memory.forgottenMilliseconds }

  /// Goes on with what a state file says about forgotten instances.
  package func restore(forgottenMilliseconds: UInt64) {
    memory.restore(forgottenMilliseconds: forgottenMilliseconds)
  }
}

/// What one call of `StateWriter.writeChanges` wrote, and for how long others had to wait.
package struct StateCut: Sendable, Equatable {
  /// Series with their spelling, and series of which only the values were written.
  package var series = 0
  package var values = 0
  package var removed = 0
  package var owners = 0
  package var ownersRemoved = 0
  package var metas = 0
  /// The longest time for which one shard of series was locked.
  package var longestShardLock = Duration.zero
  /// How long all owners were locked: no pushed frame is applied meanwhile.
  package var ownersHeld = Duration.zero
  /// How long the rows and owners took to copy. Where no owner has changed this includes encoding.
  package var copying = Duration.zero
}
