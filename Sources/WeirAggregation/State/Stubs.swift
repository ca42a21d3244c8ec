import WeirBytes
import WeirMetrics
import WeirState
package struct StateWriter: ~Copyable {
  package init(owners: Owners) {}
  package mutating func writeChanges(times: StateTimes, into blocks: inout StateBlocks) -> Int { 0 }
  package mutating func reset() {}
  package mutating func beginBase() {}
  package mutating func writeSlice(into blocks: inout StateBlocks) -> Bool { true }
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
extension StateBlockType { var word: String { "\(self)" } }
