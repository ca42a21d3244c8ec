import Synchronization
import WeirBytes
import WeirConcurrency
import WeirMetrics

/// Applies pushed frames: finds the owner and his entries, and adds what his totals have gained to the
/// merged series.
///
/// Each receiver has a router of its own. A frame takes the lock of its owner's shard once, and within it
/// each shard of series that it speaks of once.
package struct PushRouter: ~Copyable {
  private let owners: Owners
  let aggregator: Aggregator
  private(set) var builder: SeriesBuilder
  /// Of each of the frame's lists of bounds, Weir's own first.
  private var folds: [BucketFold]

  // One element a record of the frame at hand.
  /// The owner's entry, or -1 where the record is not applied.
  private var entries = Column<Int32>(capacity: 128)
  /// Indices of records, grouped by shard, in the order of the frame within each.
  private var order = Column<UInt32>(capacity: 128)
  /// Records whose series have expired since the owner told of them first.
  private var stale = Column<UInt32>(capacity: 16)
  private var groupEnds: [Int]
  package init(owners: Owners) {
    self.owners = owners
    aggregator = owners.aggregator
    builder = SeriesBuilder(
      limits: aggregator.limits, observations: aggregator.observations, names: aggregator.names)
    folds = [
      BucketFold(
        HistogramBounds.standard.upper, into: aggregator.bounds, salt: owners.keySeed.salt)
    ]
    groupEnds = [Int](repeating: 0, count: aggregator.shards.count)
  }

  /// What has become of a frame that was not refused.
  package enum Outcome: Sendable {
    case applied
    /// It is signed, and was seen before: nothing has changed.
    case seenBefore
  }

  /// Takes a frame in. Records that can't be applied are refused in it.
  ///
  /// - Parameters:
  ///   - bytes: Those that `frame` was decoded from.
  ///   - now: Milliseconds since 1970.
  /// - Throws: `tooManyInstances`, or `replayed` where it is signed and too old to be known.
  package mutating func apply(
    _ frame: inout PushFrame, bytes: Span<UInt8>, nowMilliseconds now: UInt64
  ) throws(PushRefusal) -> Outcome {
    readFolds(frame)
    let header = frame.header
    let second = aggregator.clock.load(ordering: .relaxed)
    var effects = PushEffects()
    let result = owners.shard(of: header.instance).state.withLock {
      shard -> Result<Outcome, PushRefusal> in
      // One that is older than Weir has sent frames to nobody, or to the Weir before this.
      let isYounger = header.ageMilliseconds <= UInt64(second) * 1_000
      guard
        let position = shard.admit(
          header.instance, base: isYounger ? 0 : header.sequence - 1, second: second)
      else { return .failure(.tooManyInstances) }
      let room = owners.room.totalsLeft
      return shard.withOwner(position) { owner, counts in
        if header.isSigned, let replay = replay(owner.window.standing(of: header.sequence)) {
          counts.duplicates += 1
          return replay
        }
        let standing = note(header, &owner, &counts, second)
        findEntries(&frame, bytes, &owner, isFirst: standing.isFirst, room: room)
        counts.records += UInt64(group(frame, owner))
        let about = PushedFrame(
          header: header, second: second,
          sentMilliseconds: min(header.sentMilliseconds, now), isFirst: standing.isFirst,
          folds: folds, bounds: aggregator.bounds)
        applyGroups(&frame, bytes, &owner, about, &effects)
        if !frame.examples.isEmpty { keepExemplars(frame, bytes, owner) }
        if header.isFinal {
          owner.isFinished = true
          owner.takeGauges(upTo: header.sequence, into: &effects.leaving)
        }
        return .success(.applied)
      }
    }
    owners.release(effects.leaving)
    if !frame.metas.isEmpty { keepMetas(frame, bytes) }
    for _ in 0..<effects.badBuckets { frame.refuse(.badBuckets) }
    return try result.get()
  }

  /// What becomes of a signed frame that is not seen for the first time.
  private func replay(_ standing: SequenceWindow.Standing) -> Result<Outcome, PushRefusal>? {
    switch standing {
    case .new, .late: nil
    case .duplicate: .success(.seenBefore)
    case .tooOld: .failure(.replayed)
    }
  }

  /// Counts the frame, and notes that its owner was heard of.
  private func note(
    _ header: PushHeader, _ owner: inout Owner, _ counts: inout PushTotals, _ second: UInt32
  ) -> SequenceWindow.Standing {
    let lost = owner.window.lost
    let standing = owner.window.see(header.sequence)
    counts.lost += owner.window.lost - lost
    switch standing {
    case .new: counts.frames += 1
    case .late:
      counts.frames += 1
      counts.late += 1
    case .duplicate, .tooOld: counts.duplicates += 1
    }
    guard standing.isFirst else { return standing }
    owner.lastSecond = second
    if owner.isAbsorbed {
      owner.isAbsorbed = false
      counts.returned += 1
    }
    return standing
  }

  private mutating func readFolds(_ frame: borrowing PushFrame) {
    if folds.count > 1 { folds.removeLast(folds.count - 1) }
    for index in frame.boundsLists.indices {
      let upper = frame.boundsLists[index].indices.map { frame.bounds[$0] }
      folds.append(BucketFold(upper, into: aggregator.bounds, salt: owners.keySeed.salt))
    }
  }

  // MARK: Finding

  private mutating func findEntries(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner, isFirst: Bool, room: Int
  ) {
    entries.removeAll()
    let most = owner.taken + room
    for index in frame.records.indices {
      let record = frame.records[index]
      // What tells of a change counts once.
      if record.isChange && !isFirst {
        entries.append(-1)
        continue
      }
      if let entry = owner.entries.find(record.print) {
        entries.append(Int32(truncatingIfNeeded: entry))
      } else if owner.taken >= most {
        frame.refuse(.tooManyTotals)
        entries.append(-1)
      } else {
        entries.append(learn(record, &frame, bytes, &owner))
      }
    }
  }

  /// Makes an entry for a series that its owner tells of for the first time; -1 where it may have none.
  @inline(never)
  private mutating func learn(
    _ record: PushRecord, _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner
  ) -> Int32 {
    do throws(Refusal) {
      var entry = OwnerEntry(record.print, try resolve(record, frame, bytes))
      if record.content == .exponential {
        entry.first = UInt64(owner.exponentials.count)
        owner.exponentials.append(ExponentialTotal(ExponentialSchema(Int(record.schema))))
      }
      return Int32(truncatingIfNeeded: owner.entries.add(entry))
    } catch {
      frame.refuse(error)
      return -1
    }
  }

  /// The series that a record speaks of: found, or made, or the one that takes what is too many.
  private mutating func resolve(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) -> SeriesLease {
    let denial: Denial
    do throws(Denial) {
      try spell(record, frame, bytes)
      return try aggregator.resolve(builder, kind: record.kind)
    } catch {
      denial = error
    }
    switch denial {
    case .refused(let refusal): throw refusal
    case .beyond(let limit):
      return try aggregator.overflow(builder, kind: record.kind, beyond: limit)
    }
  }

  private mutating func spell(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Denial) {
    do throws(Refusal) {
      try spell(
        frame, bytes, kind: record.kind, name: record.name, record.labels, withCommon: true)
    } catch {
      throw Limit(onSize: error).map(Denial.beyond) ?? .refused(error)
    }
  }

  /// Builds the one spelling of a series.
  ///
  /// - Parameter name: Index of a string; nil for some name.
  mutating func spell(
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>, kind: MetricKind, name: UInt32?,
    _ labels: PushRange, withCommon: Bool = false
  ) throws(Refusal) {
    builder.begin()
    if let name {
      let text = frame.strings[Int(name)].range
      builder.appendName(bytes, from: text.lowerBound, to: text.upperBound)
    } else {
      builder.appendName(PushRouter.someName.span, from: 0, to: PushRouter.someName.count)
    }
    // Those of the series come last, for of two with one name the later holds.
    if withCommon {
      for index in frame.common.indices {
        let label = frame.common[index]
        try addTag(Int(label.name), Int(label.value), frame, bytes)
      }
    }
    // They were checked when the frame was decoded.
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for _ in 0..<labels.count {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      try addTag(name, value, frame, bytes)
    }
    try builder.finish(kind: kind)
  }

  private static let someName = Array("e".utf8)

  private mutating func addTag(
    _ name: Int, _ value: Int, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) {
    let name = frame.strings[name].range
    let value = frame.strings[value].range
    try builder.addTag(
      bytes, nameFrom: name.lowerBound, to: name.upperBound, valueFrom: value.lowerBound,
      to: value.upperBound)
  }

  // MARK: Applying

  /// A counting sort by shard, stable.
  ///
  /// - Returns: How many records there are to apply.
  private mutating func group(_ frame: borrowing PushFrame, _ owner: borrowing Owner) -> Int {
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

  private mutating func applyGroups(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner, _ about: PushedFrame,
    _ effects: inout PushEffects
  ) {
    var start = 0
    stale.removeAll()
    for shard in aggregator.shards.indices {
      let end = groupEnds[shard]
      if start < end {
        let left = applyGroup(start..<end, shard, frame, &owner, about, &effects)
        for index in left { stale.append(index) }
      }
      start = end
    }
    for place in stale.indices {
      applyAnew(Int(stale[place]), &frame, bytes, &owner, about, &effects)
    }
  }

  /// Applies records of one shard.
  ///
  /// - Returns: Those whose series have expired since their owner told of them first.
  private func applyGroup(
    _ positions: Range<Int>, _ shard: Int, _ frame: borrowing PushFrame, _ owner: inout Owner,
    _ about: PushedFrame, _ effects: inout PushEffects
  ) -> [UInt32] {
    let group = order.span.extracting(positions)
    let entries = entries.span
    let records = frame.records.span
    let (numbers, indices) = (frame.numbers.span, frame.indices.span)
    var left: [UInt32] = []
    aggregator.shards[shard].state.withLock { state in
      for position in group.indices {
        let index = Int(group[position])
        let lease = owner.entries[Int(entries[index])].lease
        state.prefetch(row: lease.handle.row, kind: records[index].kind)
      }
      for position in group.indices {
        let index = Int(group[position])
        let isApplied = state.apply(
          records[index], Int(entries[index]), of: &owner, numbers, indices, about, &effects)
        if !isApplied { left.append(group[position]) }
      }
    }
    return left
  }

  /// Applies a record whose series has expired: its name may have a new one by now, or gets one, if it
  /// may.
  @inline(never)
  private mutating func applyAnew(
    _ index: Int, _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner,
    _ about: PushedFrame, _ effects: inout PushEffects
  ) {
    let entry = Int(entries[index])
    var isApplied = false
    while !isApplied {
      let record = frame.records[index]
      let lease: SeriesLease
      do throws(Refusal) {
        lease = try resolve(record, frame, bytes)
      } catch {
        return frame.refuse(error)
      }
      leaveOldGauge(record, &owner, entry)
      owner.entries[entry].lease = lease
      let (numbers, indices) = (frame.numbers.span, frame.indices.span)
      isApplied = aggregator.shards[lease.handle.shard].state.withLock { state in
        state.apply(record, entry, of: &owner, numbers, indices, about, &effects)
      }
    }
  }

  private mutating func keepExemplars(
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>, _ owner: borrowing Owner
  ) {
    for position in order.indices {
      let index = Int(order[position])
      let record = frame.records[index]
      guard record.exemplars.count > 0 else { continue }
      let lease = owner.entries[Int(entries[index])].lease
      keepExemplars(of: record, lease, frame, bytes)
    }
  }

  /// A gauge's new series may be in another shard than its old one, which still has the owner's value.
  private func leaveOldGauge(_ record: PushRecord, _ owner: inout Owner, _ entry: Int) {
    guard record.kind == .gauge, let place = GaugeGroups.Place(bits: owner.entries[entry].second)
    else { return }
    owners.release([
      LeavingGauge(shard: owner.entries[entry].lease.handle.shard, place: place)
    ])
    owner.entries[entry].second = GaugeGroups.Place.left
  }
}

extension SequenceWindow.Standing {
  /// Whether it is certain that the frame has not been seen before.
  var isFirst: Bool {
    switch self {
    case .new, .late: true
    case .duplicate, .tooOld: false
    }
  }
}
