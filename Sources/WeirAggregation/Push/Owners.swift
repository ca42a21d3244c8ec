import Synchronization
import WeirBytes
import WeirConcurrency
import WeirMetrics

/// Every instance that pushes, with what it has told, spread over shards by its number.
///
/// Receivers add to it through a `PushRouter` each.
package final class Owners: Sendable {
  let aggregator: Aggregator
  package let limits: OwnerLimits
  let room: OwnerRoom
  let shards: [Shard]
  /// All routers know series by fingerprints of one key, which is drawn from this.
  package let keySeed: KeyStream
  /// Values of gauges that leave.
  private let leaving = Guarded<[LeavingGauge]>([])
  /// When the sweep came by last. Held while it sweeps.
  private let lastSweep = Guarded<UInt32>(0)

  final class Shard: Sendable {
    let state: Guarded<OwnerShard>

    init(_ limits: OwnerLimits, _ room: OwnerRoom) {
      state = Guarded(OwnerShard(limits, room))
    }
  }

  /// Shards by default: several receivers seldom meet.
  package static let shardsDefault = 16
  /// Seconds in which the sweep comes by every owner.
  private static let roundSeconds = 4

  package init(
    aggregator: Aggregator, limits: OwnerLimits = OwnerLimits(),
    shards count: Int = Owners.shardsDefault
  ) {
    precondition(count > 0)
    self.aggregator = aggregator
    self.limits = limits
    let room = OwnerRoom(limits)
    self.room = room
    shards = (0..<count).map { _ in Shard(limits, room) }
    keySeed = KeyStream()
  }

  func shard(of id: InstanceID) -> Shard {
    // Spread anew, for who draws the number is a stranger.
    let mixed = KeyedHash.mixed(id.number ^ keySeed.salt)
    return shards[Int(truncatingIfNeeded: mixed % UInt64(shards.count))]
  }

  /// Tells the time: gauges of silent instances leave, and instances are absorbed and forgotten when
  /// their time has come, within a few seconds.
  ///
  /// - Parameter second: Seconds since the start, as told to `Aggregator.expire`.
  /// - Complexity: O(instances / 4) a second, a shard's lock being held for its part.
  package func expire(atSecond second: UInt32) {
    lastSweep.withLock { last in
      guard second > last else { return }
      let part = max(1, Owners.roundSeconds / Int(second - last))
      last = second
      for shard in shards {
        release(shard.state.withLock { $0.sweep(part: part, second: second) })
      }
    }
    letGo()
  }

  /// Brings gauges up to date: values that have left are taken away, and what has changed is merged.
  /// Scrapes call it first.
  ///
  /// - Complexity: O(owners of those gauges), a shard's lock being held for some thousands at a time.
  package func settle() {
    letGo()
    aggregator.settleGauges()
  }

  /// Notes values of gauges that leave. They go when next somebody looks, or a second has passed: to take
  /// a series away waits for whoever reads who lives where, and no receiver shall.
  func release(_ gauges: [LeavingGauge]) {
    if gauges.isEmpty { return }
    let areTooMany = leaving.withLock { waiting in
      waiting += gauges
      return waiting.count > Owners.leavingMax
    }
    if areTooMany { letGo() }
  }

  /// Some 5 MB of them.
  private static let leavingMax = 200_000

  private func letGo() {
    let gone = leaving.withLock { waiting in
      let all = waiting
      waiting = []
      return all
    }
    if !gone.isEmpty { aggregator.leave(gone) }
  }

  /// What became of all frames and instances.
  ///
  /// - Complexity: O(instances).
  package func totals() -> PushTotals {
    shards.reduce(into: PushTotals()) { $0 += $1.state.withLock { $0.totals() } }
  }

  /// Instances, those with most frames lost or missing first, and among them the last heard of.
  ///
  /// - Complexity: O(instances · log instances).
  package func instances(max count: Int) -> [InstanceReading] {
    let second = aggregator.clock.load(ordering: .relaxed)
    let all = shards.flatMap { shard in
      shard.state.withLock { state in
        state.owners.map { InstanceReading($0, second: second) }
      }
    }
    return Array(all.sorted { $0.rank < $1.rank }.prefix(count))
  }
}

extension InstanceReading {
  init(_ owner: Owner, second: UInt32) {
    id = owner.id
    series = owner.entries.count
    received = owner.window.received
    missing = owner.window.missing
    late = owner.window.late
    duplicates = owner.window.duplicates
    lost = owner.window.lost
    knownSeconds = second - min(second, owner.firstSecond)
    silentSeconds = second - min(second, owner.lastSecond)
    isFinished = owner.isFinished
    isAbsorbed = owner.isAbsorbed
  }

  /// Less is more worth looking at.
  fileprivate var rank: (UInt64, UInt32, UInt64) {
    (.max - lost - min(missing, .max - lost), silentSeconds, id.number)
  }
}

extension Aggregator {
  /// Takes owners' values of gauges away, and series of which none is left.
  func leave(_ gauges: [LeavingGauge]) {
    // As with every series that goes: not while somebody reads who lives where.
    lastSweep.withLock { _ in
      for gauge in gauges {
        let expired = shards[gauge.shard].state.withLock { state -> [SweepStep.Expired] in
          guard let row = state.leaveGauge(gauge.place) else { return [] }
          return [state.gauges.expire(row: row) { hash.hash($0, from: 0, length: $0.count) }]
        }
        guard !expired.isEmpty else { continue }
        release(expired, .gauge)
        admissionEpoch.add(1, ordering: .releasing)
      }
    }
  }

  /// Brings gauges up to date of which owners' values have changed.
  ///
  /// - Complexity: O(owners of those gauges), a shard's lock being held for some thousands at a time.
  func settleGauges() {
    for shard in shards {
      var areMore = true
      while areMore { areMore = shard.state.withLock { $0.settleGauges() } }
    }
  }
}
