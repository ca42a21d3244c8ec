import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Applies pushed frames: finds the owner and its entries, and adds the gains of its totals to the
/// merged series.
///
/// Each receiver has a router of its own. A frame takes the lock of its owner's shard once. While
/// it holds that, it takes the lock of each shard that has some of its series once.
package struct PushRouter: ~Copyable {
  let owners: Owners
  let aggregator: Aggregator
  var builder: SeriesBuilder
  /// The folds of the current frame.
  var folds: FrameFolds
  /// The value of `Aggregator.rulesEpoch` when `builder` was made.
  private var rulesEpoch: UInt32
  /// The number of buckets of the widest class that rules make.
  var bucketCountMax: Int

  // One element for each record of the current frame.
  /// The owner's entry, or -1 where the record is not applied.
  var entries = Column<Int32>(capacity: 128)
  /// For a histogram its index in `folds`, or 0.
  var foldPlaces = Column<UInt32>(capacity: 128)
  /// Indices of records, grouped by shard, in the order of the frame within each group.
  var order = Column<UInt32>(capacity: 128)
  /// Records whose series have expired since the owner last sent them.
  var stale = Column<UInt32>(capacity: 16)
  var groupEnds: [Int]
  /// The last series of the frame that were refused, and why. A record takes only a few bytes, so a
  /// hostile frame could make Weir spell the same long name again for each.
  var refused: [(fingerprint: Fingerprint, refusal: Refusal)] = []
  static let refusedMax = 16
  /// How many more totals the owner of the current frame may take.
  var roomLeft = 0

  package init(owners: Owners) {
    self.owners = owners
    aggregator = owners.aggregator
    rulesEpoch = aggregator.rulesEpoch.load(ordering: .acquiring)
    builder = aggregator.makeBuilder()
    bucketCountMax = aggregator.rules.bucketCountMax
    folds = FrameFolds(salt: owners.keySeed.salt)
    groupEnds = [Int](repeating: 0, count: aggregator.shards.count)
  }

  /// The result of a frame that was not refused.
  package enum Outcome: Sendable {
    case applied
    /// The frame is signed and was seen before: nothing has changed.
    case seenBefore
  }

  /// Applies a frame. Records that can't be applied are refused in the frame.
  ///
  /// - Parameters:
  ///   - bytes: The bytes that `frame` was decoded from.
  ///   - now: Milliseconds since 1970.
  /// - Throws: `tooManyInstances`, or `replayed` if the frame is signed and too old to tell whether
  ///   it was seen before.
  package mutating func apply(
    _ frame: inout PushFrame, bytes: Span<UInt8>, nowMilliseconds now: UInt64
  ) throws(PushRefusal) -> Outcome {
    readRules()
    folds.begin(frame, salt: owners.keySeed.salt)
    var effects = PushEffects()
    var result = applyToOwner(&frame, bytes, now, &effects)
    // Another receiver may take the room that was made. The number of attempts is bounded.
    var attempts = 3
    while case .failure(.tooManyInstances) = result, attempts > 0,
      owners.makeRoom(
        startingWith: owners.shard(of: frame.header.instance),
        second: aggregator.clock.load(ordering: .relaxed))
    {
      result = applyToOwner(&frame, bytes, now, &effects)
      attempts -= 1
    }
    owners.release(effects.released)
    if !frame.metas.isEmpty, case .success(.applied) = result { keepMetas(frame, bytes) }
    for _ in 0..<effects.badBuckets { frame.refuse(.badBuckets) }
    return try result.get()
  }

  /// Applies a frame while its owner's lock is held.
  private mutating func applyToOwner(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ now: UInt64, _ effects: inout PushEffects
  ) -> Result<Outcome, PushRefusal> {
    let header = frame.header
    return owners.shard(of: header.instance).state.withLock { shard in
      // Under the lock, or a row could be updated after a cut with a second from before it, and
      // would count as unchanged since: `StateWriter`.
      let second = aggregator.clock.load(ordering: .relaxed)
      guard let position = shard.admit(header, second: second) else {
        return .failure(.tooManyInstances)
      }
      return shard.withOwner(position) { owner, counts in
        if header.isSigned, let replay = replay(owner.window.standing(of: header.sequence)) {
          counts.duplicates += 1
          return replay
        }
        let standing = note(header, &owner, &counts, second)
        if standing.isFirst { owner.isForwarder = header.isForwarder }
        findEntries(&frame, bytes, &owner, isFirst: standing.isFirst)
        findFolds(frame, owner)
        let records = group(frame, owner)
        counts.records += UInt64(records)
        if records > 0 { owner.isEmpty = false }
        let about = PushedFrame(
          header: header, second: second,
          sentMilliseconds: min(header.sentMilliseconds, now), isFirst: standing.isFirst,
          folds: folds.folds)
        applyGroups(&frame, bytes, &owner, about, &effects)
        if !frame.examples.isEmpty { keepExemplars(frame, bytes, owner, about) }
        if header.isFinal {
          owner.isFinished = true
          owner.takeGauges(upTo: header.sequence, into: &effects.released.gauges)
          owner.takeHeldSeries(into: &effects.released.holds)
        }
        return .success(.applied)
      }
    }
  }

  /// The result of a signed frame that may have been seen before; nil for a first one.
  private func replay(_ standing: SequenceWindow.Standing) -> Result<Outcome, PushRefusal>? {
    switch standing {
    case .new, .late: nil
    case .duplicate: .success(.seenBefore)
    case .tooOld: .failure(.replayed)
    }
  }

  /// Counts the frame, and updates the time of its owner.
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
    if owner.isRetired {
      owner.isRetired = false
      counts.returned += 1
    }
    return standing
  }

  /// Uses the current rules for new names.
  private mutating func readRules() {
    let epoch = aggregator.rulesEpoch.load(ordering: .acquiring)
    guard epoch != rulesEpoch else { return }
    rulesEpoch = epoch
    builder = aggregator.makeBuilder()
    bucketCountMax = aggregator.rules.bucketCountMax
  }
}

extension SequenceWindow.Standing {
  /// Whether the frame has certainly not been seen before.
  var isFirst: Bool {
    switch self {
    case .new, .late: true
    case .duplicate, .tooOld: false
    }
  }
}
