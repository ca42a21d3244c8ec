import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

extension Owners {
  /// Makes everything that a state file says, in a new aggregator and new owners, before anything
  /// else uses them. Flags and rules win over the file.
  ///
  /// - Precondition: `keySeed` is the key of the file, and the aggregator's clock has its second.
  /// - Complexity: O(bytes).
  package func restore(_ image: StateImage) -> StateRestored {
    var restored = StateRestored()
    if let damage = image.damage {
      restored.damage = damage
      return restored
    }
    let leases = aggregator.restore(image, &restored)
    var gauges = RestoredGauges()
    if !image.owners.isEmpty { restoreOwners(image, leases, &gauges, &restored) }
    finish(image, leases, gauges, &restored)
    for meta in image.metas
    where SpelledName.raw(meta.name).count <= aggregator.limits.nameBytesMax {
      aggregator.keep(meta.meta, of: meta.name)
      restored.metas += 1
    }
    return restored
  }

  /// Those that were heard last come first, because there may not be room for all.
  private func restoreOwners(
    _ image: StateImage, _ leases: StateLeases, _ gauges: inout RestoredGauges,
    _ restored: inout StateRestored
  ) {
    let now = aggregator.clock.load(ordering: .relaxed)
    let void = VoidLeases(aggregator)
    let isKnown = image.key?.salt == keySeed.salt
    var lastRefused: UInt32?
    let blocks = image.owners.values.sorted {
      ($1.lastSecond, $0.payload.lowerBound) < ($0.lastSecond, $1.payload.lowerBound)
    }
    for block in blocks {
      if isKnown, let saved = try? StateOwner(image.bytes.span, block),
        restore(saved, image, leases, void, &gauges)
      {
        restored.owners += 1
      } else {
        restored.ownersRefused += 1
        lastRefused = max(lastRefused ?? 0, block.lastSecond)
      }
    }
    for shard in shards { shard.state.withLock { $0.sortNewcomers() } }
    // Else their totals would count again when they come back.
    if let lastRefused { memory.noteForgotten(silentSeconds: now - min(now, lastRefused)) }
  }

  /// - Returns: False if there is no room, or its fingerprints are not random.
  private func restore(
    _ saved: StateOwner, _ image: StateImage, _ leases: StateLeases, _ void: VoidLeases,
    _ gauges: inout RestoredGauges
  ) -> Bool {
    var owner = saved.owner
    var places = [(table: Int, place: Int)?](repeating: nil, count: saved.entries.count)
    owner.entries.reserve(saved.entries.count)
    for (index, entry) in saved.entries.enumerated() {
      let found = lease(entry, of: &owner, image, leases)
      places[index] = found?.place
      let lease = found?.lease ?? void[entry.kind ?? .counter, after: entry.generation]
      let isShort = owner.entries.restore(
        OwnerEntry(entry.fingerprint, lease, first: entry.first, second: entry.second))
      guard isShort else { return false }
    }
    owner.isRestored = true
    let shard = shard(of: owner.id)
    guard shard.state.withLock({ $0.hasRoom(for: owner) }) else { return false }
    for (index, entry) in saved.entries.enumerated() {
      if entry.about == PushRecord.about(.gauge) {
        join(index, of: &owner, places[index], image, &gauges)
      } else if places[index] != nil, OwnerEntry.isHeld(inSecond: entry.second),
        !owner.isRetired, !owner.isFinished
      {
        let lease = owner.entries[index].lease
        aggregator.shards[lease.handle.shard].state.withLock { $0.hold(lease) }
        owner.entries[index].isHeld = true
      }
    }
    shard.state.withLock { $0.restore(owner) }
    return true
  }

  /// The series of an entry; nil if it was not restored, or cannot be the entry's.
  private func lease(
    _ entry: StateOwner.Entry, of owner: inout Owner, _ image: StateImage, _ leases: StateLeases
  ) -> (lease: SeriesLease, place: (table: Int, place: Int))? {
    guard
      let place = image.place(
        classNumber: entry.classNumber, shard: entry.shard, row: entry.row,
        generation: entry.generation),
      let lease = leases[place.table, place.place],
      image.tables[place.table].seriesClass.kind == entry.kind,
      entry.about != 4
        || owner.fits(entry, image.tables[place.table].seriesClass.layout.bucketCount)
    else {
      // Without a total nothing would be folded again.
      if entry.about == 4, !entry.hasTotal {
        owner.withExponential(Int(entry.first)) { $0 = ExponentialTotal($0.buckets.schema) }
      }
      return nil
    }
    return (lease, place)
  }

  /// Joins an owner's value of a gauge with those of others again.
  private func join(
    _ index: Int, of owner: inout Owner, _ place: (table: Int, place: Int)?, _ image: StateImage,
    _ gauges: inout RestoredGauges
  ) {
    let detail = owner.entries[index].detail
    guard detail > 0 else { return }
    owner.entries[index].detail = GaugeGroups.Place.left
    guard let place, let known = GaugeGroups.Place(bits: detail),
      let gauge = image.tables[place.table].gauges[place.place], gauge.group == known.group,
      known.member < gauge.members.count
    else { return }
    let member = gauge.members[known.member]
    guard member.isHere, member.instance == owner.id.number else { return }
    let lease = owner.entries[index].lease
    let joined = aggregator.shards[lease.handle.shard].state.withLock { state in
      state.tables[lease.classID].gauges.rejoin(
        lease.rowLease, gauge.merge, member, second: gauge.second)
    }
    owner.entries[index].detail = joined.bits
    gauges.note(table: place.table, place: place.place)
  }

  /// Gauges whose values all came back keep their merged value; those without any go with them.
  private func finish(
    _ image: StateImage, _ leases: StateLeases, _ gauges: RestoredGauges,
    _ restored: inout StateRestored
  ) {
    for (table, saved) in image.tables.enumerated() where saved.seriesClass.kind == .gauge {
      for (place, gauge) in saved.gauges {
        guard let lease = leases[table, place] else { continue }
        let live = gauge.members.count { $0.isHere }
        let joined = gauges.count(table: table, place: place)
        if joined == live {
          aggregator.shards[lease.handle.shard].state.withLock { state in
            state.tables[lease.classID].gauges.unmark(lease.rowLease)
          }
        } else if joined == 0, saved.rows[place].tick <= gauge.second {
          aggregator.removeRestored(lease)
          restored.series -= 1
        }
      }
    }
  }
}

extension Owner {
  /// Whether an exponential total has this number of classic buckets, or none yet.
  fileprivate func fits(_ entry: StateOwner.Entry, _ buckets: Int) -> Bool {
    let total = exponentials[Int(entry.first)].cumulative.count
    guard entry.hasBaseline else { return total == 0 || total == buckets }
    return total == exponentials[Int(entry.detail)].cumulative.count
      && (total == 0 || total == buckets)
  }
}

/// How many values of each gauge came back.
private struct RestoredGauges {
  private struct Key: Hashable {
    let table: Int
    let place: Int
  }

  private var joined: [Key: Int] = [:]

  mutating func note(table: Int, place: Int) {
    joined[Key(table: table, place: place), default: 0] += 1
  }

  func count(table: Int, place: Int) -> Int { joined[Key(table: table, place: place)] ?? 0 }
}

/// Leases that are never valid, for entries whose series did not come back. All code that uses a
/// lease finds its shard and its table, and no series in the row.
private struct VoidLeases {
  private var leases: [SeriesLease] = []

  /// A row that no table can have.
  private static let row = SeriesHandle.rowsMax - 1

  init(_ aggregator: Aggregator) {
    for kind in MetricKind.allCases {
      let numbered = aggregator.registry.withLock { $0.classes.defaultClass(of: kind) }
      aggregator.shards[0].state.withLock { $0.tables.prepare(numbered) }
      leases.append(
        SeriesLease(
          handle: SeriesHandle(shard: 0, row: VoidLeases.row), generation: 0,
          classID: numbered.id))
    }
  }

  /// A lease that is forgotten (`OwnerEntry.isForgotten`) if the one in the file was. Others are as
  /// if their series had expired, so that a repeated total brings them back.
  ///
  /// - Parameter generation: Of the lease in the file.
  subscript(kind: MetricKind, after generation: UInt32) -> SeriesLease {
    let lease = leases[kind.index]
    return SeriesLease(
      handle: lease.handle, generation: generation & 1, classID: lease.classID)
  }
}

extension Aggregator {
  /// Removes a series that was restored, because nobody has a value of it.
  fileprivate func removeRestored(_ lease: SeriesLease) {
    let expired = shards[lease.handle.shard].state.withLock { state in
      state.expire(lease.classID, row: lease.handle.row) {
        hash.hash($0, from: 0, length: $0.count)
      }
    }
    release([expired], .gauge)
  }
}
