import Synchronization
import WeirMetrics

/// How much of the limits on instances and their totals is taken, over all shards of owners.
final class OwnerRoom: Sendable {
  private let limits: OwnerLimits
  private let instances = Atomic<Int>(0)
  private let totals = Atomic<Int>(0)
  /// Instances that have brought no record yet.
  private let empty = Atomic<Int>(0)
  /// Whether a record was refused because all totals are taken.
  private let isShort = Atomic<Bool>(false)

  init(_ limits: OwnerLimits) {
    self.limits = limits
  }

  /// Takes a place for an instance; false if all are taken.
  func takeInstance() -> Bool {
    if instances.add(1, ordering: .relaxed).newValue <= limits.instancesMax { return true }
    instances.subtract(1, ordering: .relaxed)
    return false
  }

  func freeInstance() { instances.subtract(1, ordering: .relaxed) }

  var hasEmptyInstances: Bool { empty.load(ordering: .relaxed) > 0 }

  func addEmptyInstances(_ number: Int) { empty.add(number, ordering: .relaxed) }

  /// Totals that are still free. Two shards that ask at the same time may both take the last one.
  var totalsLeft: Int { max(0, limits.totalsMax - totals.load(ordering: .relaxed)) }

  func takeTotals(_ number: Int) { totals.add(number, ordering: .relaxed) }

  /// Notes that a record found no room.
  func runShort() { isShort.store(true, ordering: .relaxed) }

  /// Whether records have found no room since the last call of `takeShortage`.
  var hasShortage: Bool { isShort.load(ordering: .relaxed) }

  /// Whether records have found no room since the last call.
  func takeShortage() -> Bool { isShort.exchange(false, ordering: .relaxed) }
}
