import Synchronization

/// How much of the limits on instances and their totals is taken, over all shards of owners.
final class OwnerRoom: Sendable {
  private let limits: OwnerLimits
  private let instances = Atomic<Int>(0)
  private let totals = Atomic<Int>(0)

  init(_ limits: OwnerLimits) {
    self.limits = limits
  }

  /// Takes a place for an instance; false where all are taken.
  func takeInstance() -> Bool {
    if instances.add(1, ordering: .relaxed).newValue <= limits.instancesMax { return true }
    instances.subtract(1, ordering: .relaxed)
    return false
  }

  func freeInstance() { instances.subtract(1, ordering: .relaxed) }

  /// Totals that there may yet be. Two shards that ask at once may both take the last.
  var totalsLeft: Int { max(0, limits.totalsMax - totals.load(ordering: .relaxed)) }

  func takeTotals(_ number: Int) { totals.add(number, ordering: .relaxed) }
}
