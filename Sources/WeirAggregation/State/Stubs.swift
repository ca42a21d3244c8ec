import WeirBytes
import WeirMetrics
import WeirState
package struct StateTimes: Sendable, Equatable {
  package var second: UInt32
  package var wallMilliseconds: UInt64
  package var bootMilliseconds: UInt64
  package var bootID: [UInt8]
  package var memoryMilliseconds: UInt64
  package var forgottenMilliseconds: UInt64
  package init(
    second: UInt32, wallMilliseconds: UInt64 = 0, bootMilliseconds: UInt64 = 0,
    bootID: [UInt8] = [UInt8](repeating: 0, count: 16), memoryMilliseconds: UInt64 = 0,
    forgottenMilliseconds: UInt64 = 0
  ) {
    self.second = second
    self.wallMilliseconds = wallMilliseconds
    self.bootMilliseconds = bootMilliseconds
    self.bootID = bootID
    self.memoryMilliseconds = memoryMilliseconds
    self.forgottenMilliseconds = forgottenMilliseconds
  }
}
package struct StateWriter: ~Copyable {
  package init(owners: Owners) {}
  package mutating func writeChanges(times: StateTimes, into blocks: inout StateBlocks) -> Int { 0 }
  package mutating func reset() {}
  package mutating func beginBase() {}
  package mutating func writeSlice(into blocks: inout StateBlocks) -> Bool { true }
}
package struct StateRestored: Sendable {
  package var series = 0
  package var owners = 0
  package var lost: [(reason: String, count: Int)] = []
}
package struct StateImage: Sendable {
  package var damage: String?
  package var times: StateTimes?
  package var key: KeyStream?
  package init(_ scan: StateScan, _ bytes: [UInt8]) {}
}
extension Owners {
  package func restore(_ image: StateImage) -> StateRestored { StateRestored() }
  package var memoryMilliseconds: UInt64 { 0 }
  package var forgottenMilliseconds: UInt64 { 0 }
  package func restore(forgottenMilliseconds: UInt64) {}
  package convenience init(
    aggregator: Aggregator, limits: OwnerLimits, keySeed: KeyStream?, uptime: @escaping @Sendable () -> UInt64) {
    self.init(aggregator: aggregator, limits: limits, uptime: uptime)
  }
}
extension Aggregator {
  package convenience init(
    rules: SeriesRules, sets: SetOptions, limits: SeriesLimits, names: NameStyle, zeroFirstSeconds: UInt32,
    startSecond: UInt32, unixSeconds: @escaping @Sendable () -> UInt32
  ) {
    self.init(rules: rules, sets: sets, limits: limits, names: names, zeroFirstSeconds: zeroFirstSeconds, unixSeconds: unixSeconds)
  }
}
