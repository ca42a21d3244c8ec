import WeirMetrics
import WeirPush

/// What became of frames that were taken in, of all instances together.
package struct PushTotals: Sendable {
  package var frames: UInt64 = 0
  package var late: UInt64 = 0
  package var duplicates: UInt64 = 0
  package var lost: UInt64 = 0
  package var records: UInt64 = 0
  /// Instances whose silence was long enough to be absorbed, and those that were heard of again after.
  package var retired: UInt64 = 0
  package var returned: UInt64 = 0
  /// Instances forgotten because their day was over, and to make room.
  package var forgottenByAge: UInt64 = 0
  package var forgottenForRoom: UInt64 = 0
  /// Instances forgotten to make room that had never brought a record, of which nothing was lost.
  package var forgottenEmpty: UInt64 = 0
  /// Instances known, and their totals.
  package var instances = 0
  package var live = 0
  package var totals = 0
  /// Totals of the instance that has most.
  package var fullest = 0

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
  }
}

/// One instance, for an operator to look at.
package struct InstanceReading: Sendable {
  package let id: InstanceID
  package let series: Int
  package let received: UInt64
  package let missing: UInt64
  package let late: UInt64
  package let duplicates: UInt64
  package let lost: UInt64
  /// Since it was first and last heard of.
  package let knownSeconds: UInt32
  package let silentSeconds: UInt32
  package let isFinished: Bool
  package let isRetired: Bool
}
