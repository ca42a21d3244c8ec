import WeirMetrics
import WeirPush

/// Counts of accepted frames and what happened to instances, over all instances.
package struct PushTotals: Sendable {
  package var frames: UInt64 = 0
  package var late: UInt64 = 0
  package var duplicates: UInt64 = 0
  package var lost: UInt64 = 0
  package var records: UInt64 = 0
  /// Instances that were silent long enough to be retired, and those that sent again after it.
  package var retired: UInt64 = 0
  package var returned: UInt64 = 0
  /// Instances that were forgotten after a day, and to make room.
  package var forgottenByAge: UInt64 = 0
  package var forgottenForRoom: UInt64 = 0
  /// Instances that were forgotten to make room, and had never sent a record, so that nothing was
  /// lost.
  package var forgottenEmpty: UInt64 = 0
  /// Instances known, and their totals.
  package var instances = 0
  package var live = 0
  package var totals = 0
  /// Totals of the instance that has the most, and of the forwarder that has the most.
  package var fullest = 0
  package var fullestForwarder = 0

  static func += (left: inout PushTotals, right: PushTotals) {
    left.frames += right.frames
    left.late += right.late
    left.duplicates += right.duplicates
    left.lost += right.lost
    left.records += right.records
    left.retired += right.retired
    left.returned += right.returned
    left.forgottenByAge += right.forgottenByAge
    left.forgottenForRoom += right.forgottenForRoom
    left.forgottenEmpty += right.forgottenEmpty
    left.instances += right.instances
    left.live += right.live
    left.totals += right.totals
    left.fullest = max(left.fullest, right.fullest)
    left.fullestForwarder = max(left.fullestForwarder, right.fullestForwarder)
  }
}

/// One instance, as an operator sees it.
package struct InstanceReading: Sendable {
  package let id: InstanceID
  package let series: Int
  package let received: UInt64
  package let missing: UInt64
  package let late: UInt64
  package let duplicates: UInt64
  package let lost: UInt64
  /// Seconds since its first and its last frame.
  package let knownSeconds: UInt32
  package let silentSeconds: UInt32
  package let isFinished: Bool
  package let isRetired: Bool
}
