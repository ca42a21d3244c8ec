/// How long instances that push are known, and how many.
package struct OwnerLimits: Sendable, Equatable {
  /// What becomes of totals of instances that are older than Weir's memory: `OwnerMemory`.
  package enum OlderInstances: Sendable {
    /// Those that began before it count only what they gain.
    case baseline
    /// They count whole.
    case count
  }

  /// After so many seconds of silence an instance's gauges leave.
  package var gaugeSeconds: UInt32 = 60
  /// After so many it is absorbed: it may be forgotten when there is no room.
  package var retireSeconds: UInt32 = 15 * 60
  /// After so many it is forgotten: a straggler would be counted anew.
  package var forgetSeconds: UInt32 = 24 * 60 * 60

  /// Instances known at a time, those of the last day among them. Each takes half a KiB and its totals:
  /// so many serverless ones come in a day where one starts every second.
  package var instancesMax = 100_000
  /// Totals of all instances together, by the memory that they take: a counter is one, and what takes more
  /// counts as one for each `totalBytes`. 40 of each of `instancesMax`, 200 MB.
  package var totalsMax = 4_000_000
  /// Totals of one instance: no single one can take the room of all.
  package var totalsPerInstanceMax = 100_000

  package var olderInstances = OlderInstances.baseline

  /// A counter's total: its entry, and its place in the table by which it is found.
  package static let totalBytes = 50

  package init() {}
}
