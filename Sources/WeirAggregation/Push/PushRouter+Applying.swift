import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Applies the records of a frame whose entries were found, one shard at a time.
extension PushRouter {
  mutating func findFolds(_ frame: borrowing PushFrame, _ owner: borrowing Owner) {
    foldPlaces.removeAll()
    let records = frame.records.span
    for index in entries.indices {
      var place = 0
      if records[index].content == .histogram, entries[index] >= 0 {
        place = foldPlace(
          records[index].bounds, owner.entries[Int(entries[index])].lease.classID)
      }
      foldPlaces.append(UInt32(truncatingIfNeeded: place))
    }
  }

  /// The index of the fold of a record's bounds into the class of its series.
  ///
  /// If the series has expired, and its class with it, the record is not applied and the fold is
  /// not used.
  @inline(__always)
  private mutating func foldPlace(_ list: UInt32, _ classID: ClassID) -> Int {
    folds.place(list, into: classID) { aggregator.numberedClass(classID) }
  }

  /// A counting sort by shard, stable.
  ///
  /// - Returns: How many records there are to apply.
  mutating func group(_ frame: borrowing PushFrame, _ owner: borrowing Owner) -> Int {
    for shard in groupEnds.indices { groupEnds[shard] = 0 }
    var routed = 0
    for index in entries.indices where entries[index] >= 0 {
      groupEnds[owner.entries[Int(entries[index])].lease.handle.shard] &+= 1
      routed &+= 1
    }
    var start = 0
    for shard in groupEnds.indices {
      let size = groupEnds[shard]
      groupEnds[shard] = start
      start &+= size
    }
    order.resize(to: routed, filling: 0)
    for index in entries.indices where entries[index] >= 0 {
      let shard = owner.entries[Int(entries[index])].lease.handle.shard
      order[groupEnds[shard]] = UInt32(truncatingIfNeeded: index)
      groupEnds[shard] &+= 1
    }
    return routed
  }

  mutating func applyGroups(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner, _ about: PushedFrame,
    _ effects: inout PushEffects
  ) {
    var start = 0
    var about = about
    stale.removeAll()
    for shard in aggregator.shards.indices {
      let end = groupEnds[shard]
      if start < end {
        let left = applyGroup(start..<end, shard, frame, &owner, about, &effects)
        for index in left { stale.append(index) }
      }
      start = end
    }
    // In the order of the frame, because a limit may refuse the last ones, and shards are chosen by chance.
    for index in stale.indices.map({ stale[$0] }).sorted() {
      applyToNewSeries(Int(index), &frame, bytes, &owner, &about, &effects)
    }
  }

  /// Applies records of one shard.
  ///
  /// - Returns: The records whose series have expired since their owner's last frame with them.
  private func applyGroup(
    _ positions: Range<Int>, _ shard: Int, _ frame: borrowing PushFrame, _ owner: inout Owner,
    _ about: PushedFrame, _ effects: inout PushEffects
  ) -> [UInt32] {
    let group = order.span.extracting(positions)
    let entries = entries.span
    let foldPlaces = foldPlaces.span
    let records = frame.records.span
    let (numbers, indices) = (frame.numbers.span, frame.indices.span)
    var left: [UInt32] = []
    aggregator.shards[shard].state.withLock { state in
      for position in group.indices {
        state.prefetch(owner.entries[Int(entries[Int(group[position])])].lease)
      }
      for position in group.indices {
        let index = Int(group[position])
        let isApplied = state.apply(
          records[index], Int(entries[index]), of: &owner, fold: Int(foldPlaces[index]), numbers,
          indices, about, &effects)
        if !isApplied { left.append(group[position]) }
      }
    }
    return left
  }

  /// Applies a record whose series has expired. Its name may have a new series by now, or may get
  /// one.
  @inline(never)
  private mutating func applyToNewSeries(
    _ index: Int, _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner,
    _ about: inout PushedFrame, _ effects: inout PushEffects
  ) {
    let entry = Int(entries[index])
    var isApplied = isNothingNew(frame.records[index], entry, &owner, frame, &effects)
    while !isApplied {
      let record = frame.records[index]
      let lease: SeriesLease
      do throws(Refusal) {
        lease = try resolve(record, frame, bytes)
      } catch {
        return frame.refuse(error, name: record.name)
      }
      // Nil if the new series has expired already: then try again with the next one.
      guard let layout = aggregator.numberedClass(lease.classID)?.seriesClass.layout else {
        continue
      }
      // An earlier record of the same series and frame may have brought the entry to the new series.
      if owner.entries[entry].lease != lease {
        releaseOldGauge(&owner, entry, &effects)
        owner.resetTotal(entry, into: layout)
        owner.entries[entry].lease = lease
      }
      let fold = record.content == .histogram ? foldPlace(record.bounds, lease.classID) : 0
      about.folds = folds.folds
      let (numbers, indices) = (frame.numbers.span, frame.indices.span)
      isApplied = aggregator.shards[lease.handle.shard].state.withLock { [about] state in
        state.apply(
          record, entry, of: &owner, fold: fold, numbers, indices, about, &effects)
      }
    }
  }

  /// The new series of a gauge may be in another shard. The old one still has the owner's value.
  private func releaseOldGauge(
    _ owner: inout Owner, _ entry: Int, _ effects: inout PushEffects
  ) {
    guard owner.entries[entry].about == PushRecord.about(.gauge),
      let place = GaugeGroups.Place(bits: owner.entries[entry].detail)
    else { return }
    // It is removed after the owner's lock is released.
    effects.released.gauges.append(LeavingGauge(owner.entries[entry].lease, place))
    owner.entries[entry].detail = GaugeGroups.Place.left
  }
}
