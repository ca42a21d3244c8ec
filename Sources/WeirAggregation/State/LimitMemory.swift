import Synchronization
import WeirBytes

/// What decides near the limits on instances and totals, and can't be seen from those that are there. Nodes of a
/// cluster must refuse and forget the same, so that it goes with their state.
package struct LimitMemory: Sendable, Equatable {
  /// The most classic buckets that a client has asked of a histogram.
  package var widestBuckets: UInt64 = 0
  /// Whether a record has found no room since the view last looked for instances to forget.
  package var isShort = false
  /// The second of the clock before which no instance can be forgotten.
  package var fullUntil: UInt32 = 0

  package init() {}
}

extension Owners {
  package var limitMemory: LimitMemory {
    var memory = LimitMemory()
    memory.widestBuckets = UInt64(aggregator.widestAsked.load(ordering: .relaxed))
    memory.isShort = room.hasShortage
    memory.fullUntil = fullUntil.withLock { $0 }
    return memory
  }

  /// Goes on with what a node of the cluster knew.
  package func restore(_ saved: LimitMemory) {
    _ = aggregator.widestAsked.max(Int(saved.widestBuckets), ordering: .relaxed)
    if saved.isShort { room.runShort() }
    fullUntil.withLock { $0 = max($0, saved.fullUntil) }
  }
}
