import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Every instance that pushes, with its totals and gauges, spread over shards by its number.
///
/// Each receiver adds to it through a `PushRouter` of its own.
package final class Owners: Sendable {
  let aggregator: Aggregator
  package let limits: OwnerLimits
  let room: OwnerRoom
  let memory: OwnerMemory
  let shards: [OwnerShard]
  /// The key of the fingerprints that all routers share is drawn from this.
  package let keySeed: KeyStream
  /// Gauge values that are still to be removed.
  private let leavingGauges = Locked<[LeavingGauge]>([])
  /// How many gauges were removed and instances forgotten that `expire` has not returned yet.
  private let removedCount = Atomic<Int>(0)
  /// Held while gauge values are removed.
  private let removal = Locked<Bool>(false)
  /// The second of the last sweep. Held while it sweeps.
  private let lastSweep: Locked<UInt32>
  /// Before this second no owner can be forgotten, so that a flood of new instances does not search
  /// again and again. Held during the search.
  let fullUntil = Locked<UInt32>(0)

  /// The default number of shards: enough that several receivers seldom meet.
  package static let shardsDefault = 16
  /// Seconds in which the sweep checks every owner once.
  private static let roundSeconds = 4

  /// - Parameters:
  ///   - keySeed: That of the state file; nil for a new one.
  ///   - uptime: Milliseconds since Weir's memory of instances began, including time in which the
  ///     machine was suspended. If nil, the aggregator's clock is used.
  package init(
    aggregator: Aggregator, limits: OwnerLimits = OwnerLimits(),
    shards count: Int = Owners.shardsDefault, keySeed: KeyStream? = nil,
    uptime: (@Sendable () -> UInt64)? = nil
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
    self.keySeed = keySeed ?? KeyStream()
    // The clock continues from the state file, so that the time without Weir does not count as silence.
    lastSweep = Locked(aggregator.clock.load(ordering: .relaxed))
  }

  func shard(of id: InstanceID) -> OwnerShard { shards[number(ofShard: id)] }

  private func number(ofShard id: InstanceID) -> Int {
    // Hashed with a secret, because the sender chooses the number.
    let mixed = KeyedHash.mixed(id.number ^ keySeed.salt)
    return Int(truncatingIfNeeded: mixed % UInt64(shards.count))
  }

  /// Sets the time. Within a few seconds gauges of silent instances are removed, and instances
  /// whose time is over are retired or forgotten.
  ///
  /// - Parameters:
  ///   - second: Seconds since the start, as in `Aggregator.expire`.
  ///   - checksAll: Whether every instance is checked, so that what is retired depends on the time alone.
  /// - Returns: How many gauges were removed and instances forgotten since the last call, so that
  ///   the caller can give memory back.
  /// - Complexity: O(instances / 4) a second. A shard's lock is held for its part.
  @discardableResult
  package func expire(atSecond second: UInt32, checksAll: Bool = false) -> Int {
    lastSweep.withLock { last in
      guard second > last else { return }
      let part = checksAll ? 1 : max(1, Owners.roundSeconds / Int(second - last))
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

  /// Makes room for an instance. It forgets one that has sent no record, in any shard. If there is
  /// none it forgets retired ones, those that were silent the longest first.
  ///
  /// - Parameter shard: The shard to search first.
  /// - Returns: Whether an owner was forgotten.
  /// - Complexity: O(shards), and once a second O(instances).
  func makeRoom(startingWith shard: OwnerShard, second: UInt32) -> Bool {
    if room.hasEmptyInstances {
      if shard.state.withLock({ $0.forgetEmpty() }) { return true }
      for other in shards where other.state.withLock({ $0.forgetEmpty() }) { return true }
    }
    return forgetRetired(second)
  }

  /// Forgets the eighth of the retired owners that was silent the longest.
  private func forgetRetired(_ second: UInt32) -> Bool {
    fullUntil.withLock { fullUntil in
      guard second >= fullUntil else { return false }
      var retired: [(id: InstanceID, lastSecond: UInt32)] = []
      for shard in shards { retired += shard.state.withLock { $0.retired() } }
      // Of several that fell silent in one second always the same ones, because nodes of a cluster must agree.
      retired.sort {
        ($0.lastSecond, $0.id.number, $0.id.startMilliseconds)
          < ($1.lastSecond, $1.id.number, $1.id.startMilliseconds)
      }
      let longest = retired.prefix(retired.count / 8 + 1)
      // Before they are forgotten, so that none of them is taken for a young one when it comes
      // back.
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

  /// Removes gauge values that are no longer held. `expire` and `mergeGauges` do so, too.
  ///
  /// - Complexity: O(those values).
  package func removeReleased() { removeLeavingGauges() }

  /// Brings gauges up to date: removes values that are no longer held, and merges those that have
  /// changed. Each scrape calls it first.
  ///
  /// - Complexity: O(owners of those gauges). A shard's lock is held for some thousands at a time.
  package func mergeGauges() {
    removeLeavingGauges()
    aggregator.mergeGauges()
  }

  /// Removes what owners have released.
  func release(_ released: ReleasedByOwners) {
    aggregator.release(released.holds)
    release(released.gauges)
  }

  /// Queues gauge values for removal. They are removed by the next scrape or within a second:
  /// removing a series waits while a scrape reads the rosters, and a receiver must not wait for
  /// that.
  func release(_ gauges: [LeavingGauge]) {
    if gauges.isEmpty { return }
    let areTooMany = leavingGauges.withLock { waiting in
      waiting += gauges
      return waiting.count > Owners.leavingMax
    }
    if areTooMany { removeLeavingGauges() }
  }

  /// About 5 MB.
  private static let leavingMax = 200_000

  /// One caller at a time, so that all gauges that were queued before the call are removed after
  /// it.
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

  /// Counts of all frames and instances.
  ///
  /// - Parameter countsEach: Whether `live`, `fullest` and `fullestForwarder` are counted; 0 if not.
  /// - Complexity: O(shards), and O(instances) if each is counted.
  package func totals(countsEach: Bool = true) -> PushTotals {
    shards.reduce(into: PushTotals()) { totals, shard in
      totals += shard.state.withLock { $0.totals(countsEach: countsEach) }
    }
  }

  /// An instance; nil if it is not known.
  package func reading(of id: InstanceID) -> InstanceReading? {
    let second = aggregator.clock.load(ordering: .relaxed)
    return shard(of: id).state.withLock { state in
      state.position(of: id).map { InstanceReading(state.owners[$0], second: second) }
    }
  }

  /// Instances, those with the most frames lost or missing first, then those that sent most
  /// recently.
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

  /// Lower ranks come first.
  fileprivate var rank: (UInt64, UInt32, UInt64) {
    (.max - lost - min(missing, .max - lost), silentSeconds, id.number)
  }
}

extension Aggregator {
  /// Removes owners' values of gauges, and series without any value left.
  func remove(_ gauges: [LeavingGauge]) {
    // As for every removal of a series: not while a scrape reads the rosters.
    lastSweep.withLock { _ in
      for gauge in gauges {
        let classID = gauge.lease.classID
        let shard = shards[gauge.lease.handle.shard]
        let expired = shard.state.withLock { state -> [SweepStep.Expired] in
          guard let row = state.tables[classID].removeGauge(gauge.place, of: gauge.lease.rowLease)
          else { return [] }
          return [state.expire(classID, row: row) { hash.hash($0, from: 0, length: $0.count) }]
        }
        guard !expired.isEmpty else { continue }
        release(expired, .gauge)
        admissionEpoch.add(1, ordering: .releasing)
      }
    }
  }

  /// Removes holds of an owner. The series expire when their lifetime is over.
  func release(_ holds: [SeriesLease]) {
    for hold in holds {
      shards[hold.handle.shard].state.withLock { $0.release(hold) }
    }
  }

  /// Merges gauges whose owners' values have changed.
  ///
  /// - Complexity: O(owners of those gauges). A shard's lock is held for some thousands at a time.
  func mergeGauges() {
    for shard in shards {
      var areMore = true
      while areMore { areMore = shard.state.withLock { $0.mergeGauges() } }
    }
  }
}
