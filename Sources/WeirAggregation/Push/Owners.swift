import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Every instance that pushes, with what it has told, spread over shards by its number.
///
/// Receivers add to it through a `PushRouter` each.
package final class Owners: Sendable {
  let aggregator: Aggregator
  package let limits: OwnerLimits
  let room: OwnerRoom
  private let memory: OwnerMemory
  let shards: [OwnerShard]
  /// All routers know series by fingerprints of one key, which is drawn from this.
  package let keySeed: KeyStream
  /// Values of gauges that leave.
  private let leavingGauges = Locked<[LeavingGauge]>([])
  /// How many have left, and instances been forgotten, that `expire` has not told of yet.
  private let removedCount = Atomic<Int>(0)
  /// Held while they are taken away.
  private let removal = Locked<Bool>(false)
  /// When the sweep came by last. Held while it sweeps.
  private let lastSweep = Locked<UInt32>(0)
  /// Until then nobody can be forgotten, so that a flood of newcomers does not look again and again. Held
  /// while somebody looks.
  private let fullUntil = Locked<UInt32>(0)

  /// Shards by default: several receivers seldom meet.
  package static let shardsDefault = 16
  /// Seconds in which the sweep comes by every owner.
  private static let roundSeconds = 4

  /// - Parameter uptime: Milliseconds since the start of Weir, those of a suspended machine included; nil
  ///   takes the aggregator's clock.
  package init(
    aggregator: Aggregator, limits: OwnerLimits = OwnerLimits(),
    shards count: Int = Owners.shardsDefault, uptime: (@Sendable () -> UInt64)? = nil
  ) {
    precondition(count > 0)
    self.aggregator = aggregator
    self.limits = limits
    let room = OwnerRoom(limits)
    let memory = OwnerMemory(
      limits, uptime: uptime ?? { UInt64(aggregator.clock.load(ordering: .relaxed)) * 1_000 })
    self.room = room
    self.memory = memory
    shards = (0..<count).map { _ in OwnerShard(limits, room, memory) }
    keySeed = KeyStream()
  }

  func shard(of id: InstanceID) -> OwnerShard { shards[number(ofShard: id)] }

  private func number(ofShard id: InstanceID) -> Int {
    // Spread anew, for who draws the number is a stranger.
    let mixed = KeyedHash.mixed(id.number ^ keySeed.salt)
    return Int(truncatingIfNeeded: mixed % UInt64(shards.count))
  }

  /// Tells the time: gauges of silent instances leave, and instances are absorbed and forgotten when
  /// their time has come, within a few seconds.
  ///
  /// - Parameter second: Seconds since the start, as told to `Aggregator.expire`.
  /// - Returns: How many gauges and instances have left since it was asked last: memory that may be given
  ///   back.
  /// - Complexity: O(instances / 4) a second, a shard's lock being held for its part.
  @discardableResult
  package func expire(atSecond second: UInt32) -> Int {
    lastSweep.withLock { last in
      guard second > last else { return }
      let part = max(1, Owners.roundSeconds / Int(second - last))
      last = second
      for shard in shards {
        let released = shard.state.withLock { $0.sweep(part: part, second: second) }
        removedCount.add(released.forgotten, ordering: .relaxed)
        release(released)
      }
    }
    if room.takeShortage() { _ = forgetRetired(second) }
    removeLeavingGauges()
    return removedCount.exchange(0, ordering: .relaxed)
  }

  /// How many more totals an owner may take that has `taken`.
  func room(taken: Int) -> Int {
    min(room.totalsLeft, max(0, limits.totalsPerInstanceMax - taken))
  }

  /// Makes room for an instance: one that has brought no record goes, whosoever's shard it is in, or else
  /// absorbed ones, those first that were silent for longest.
  ///
  /// - Parameter shard: Where it is looked first.
  /// - Returns: Whether somebody was forgotten.
  /// - Complexity: O(shards), and once a second O(instances).
  func makeRoom(startingWith shard: OwnerShard, second: UInt32) -> Bool {
    if room.hasEmptyInstances {
      if shard.state.withLock({ $0.forgetEmpty() }) { return true }
      for other in shards where other.state.withLock({ $0.forgetEmpty() }) { return true }
    }
    return forgetRetired(second)
  }

  /// Forgets the eighth of the absorbed owners that was silent for longest.
  private func forgetRetired(_ second: UInt32) -> Bool {
    fullUntil.withLock { fullUntil in
      guard second >= fullUntil else { return false }
      var retired: [(id: InstanceID, lastSecond: UInt32)] = []
      for shard in shards { retired += shard.state.withLock { $0.retired() } }
      retired.sort { $0.lastSecond < $1.lastSecond }
      let longest = retired.prefix(retired.count / 8 + 1)
      // Before they are forgotten, so that none of them comes back for a young one.
      if let last = longest.last {
        memory.noteForgotten(silentSeconds: second - min(second, last.lastSecond))
      }
      var count = 0
      for (number, owners) in Dictionary(grouping: longest, by: { number(ofShard: $0.id) }) {
        count += shards[number].state.withLock { $0.forget(owners.map(\.id)) }
      }
      removedCount.add(count, ordering: .relaxed)
      if count == 0 { fullUntil = second + 1 }
      return count > 0
    }
  }

  /// Brings gauges up to date: values that have left are taken away, and what has changed is merged.
  /// Scrapes call it first.
  ///
  /// - Complexity: O(owners of those gauges), a shard's lock being held for some thousands at a time.
  package func mergeGauges() {
    removeLeavingGauges()
    aggregator.mergeGauges()
  }

  /// Takes away what owners have let go of.
  func release(_ released: ReleasedByOwners) {
    aggregator.release(released.holds)
    release(released.gauges)
  }

  /// Notes values of gauges that leave. They go when next somebody looks, or a second has passed: to take
  /// a series away waits for whoever reads who lives where, and no receiver shall.
  func release(_ gauges: [LeavingGauge]) {
    if gauges.isEmpty { return }
    let areTooMany = leavingGauges.withLock { waiting in
      waiting += gauges
      return waiting.count > Owners.leavingMax
    }
    if areTooMany { removeLeavingGauges() }
  }

  /// Some 5 MB of them.
  private static let leavingMax = 200_000

  /// One caller at a time, so that after the call all gauges that waited are gone.
  private func removeLeavingGauges() {
    removal.withLock { _ in
      let left = leavingGauges.withLock { waiting in
        let all = waiting
        waiting = []
        return all
      }
      if left.isEmpty { return }
      aggregator.remove(left)
      removedCount.add(left.count, ordering: .relaxed)
    }
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
    isRetired = owner.isRetired
  }

  /// Less is more worth looking at.
  fileprivate var rank: (UInt64, UInt32, UInt64) {
    (.max - lost - min(missing, .max - lost), silentSeconds, id.number)
  }
}

extension Aggregator {
  /// Takes owners' values of gauges away, and series of which none is left.
  func remove(_ gauges: [LeavingGauge]) {
    // As with every series that goes: not while somebody reads who lives where.
    lastSweep.withLock { _ in
      for gauge in gauges {
        let expired = shards[gauge.shard].state.withLock { state -> [SweepStep.Expired] in
          guard let row = state.tables[gauge.classID].removeGauge(gauge.place) else { return [] }
          return [
            state.expire(gauge.classID, row: row) { hash.hash($0, from: 0, length: $0.count) }
          ]
        }
        guard !expired.isEmpty else { continue }
        release(expired, .gauge)
        admissionEpoch.add(1, ordering: .releasing)
      }
    }
  }

  /// Lets series go that were kept for an owner: they expire when their time is over.
  func release(_ holds: [SeriesLease]) {
    for hold in holds {
      shards[hold.handle.shard].state.withLock { $0.release(hold) }
    }
  }

  /// Brings gauges up to date of which owners' values have changed.
  ///
  /// - Complexity: O(owners of those gauges), a shard's lock being held for some thousands at a time.
  func mergeGauges() {
    for shard in shards {
      var areMore = true
      while areMore { areMore = shard.state.withLock { $0.mergeGauges() } }
    }
  }
}
