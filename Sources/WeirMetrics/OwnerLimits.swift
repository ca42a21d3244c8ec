/// How long instances that push are remembered, and how many.
package struct OwnerLimits: Sendable, Equatable {
  /// How totals of instances that are older than Weir's memory count: `OwnerMemory`.
  package enum OlderInstances: Sendable {
    /// Totals that began before the memory count only their gains.
    case baseline
    /// They count completely.
    case count
  }

  /// After this many seconds of silence an instance's gauges are removed.
  package var gaugeSeconds: UInt32 = 60
  /// After this many it is retired: it may be forgotten when there is no room.
  package var retireSeconds: UInt32 = 15 * 60
  /// After this many it is forgotten. If it sends again, it counts as a new one.
  package var forgetSeconds: UInt32 = 24 * 60 * 60

  /// The most instances at the same time, including those of the last day. Each takes half a KiB
  /// plus its totals. This is enough for a day of serverless instances that start one per second.
  package var instancesMax = 100_000
  /// Totals of all instances together, measured by the memory that they take: a counter is one, and
  /// larger ones count once for each `totalBytes`. 40 for each of `instancesMax`, 200 MB.
  package var totalsMax = 4_000_000
  /// Totals of one instance, so that none takes the room of all.
  package var totalsPerInstanceMax = 100_000
  /// Totals of one forwarder, which has counted for many processes. A quarter of `totalsMax`.
  package var totalsPerForwarderMax = 1_000_000

  package var olderInstances = OlderInstances.baseline

  /// The memory of a counter's total: its entry, and its place in the look-up table.
  package static let totalBytes = 50

  package init() {}
}
