import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Applies pushed frames: finds the owner and its entries, and adds what its totals have gained to the
/// merged series.
///
/// Each receiver has a router of its own. A frame takes the lock of its owner's shard once, and within it
/// the lock of each shard that has some of its series once.
package struct PushRouter: ~Copyable {
  let owners: Owners
  let aggregator: Aggregator
  var builder: SeriesBuilder
  /// Of the frame at hand.
  var folds: FrameFolds
  /// `Aggregator.rulesEpoch`, as it was when `builder` was made.
  private var rulesEpoch: UInt32
  /// Buckets of the widest class that rules make.
  var bucketCountMax: Int

  // One element a record of the frame at hand.
  /// The owner's entry, or -1 where the record is not applied.
  var entries = Column<Int32>(capacity: 128)
  /// Of a histogram the index in `folds`, or 0.
  var foldPlaces = Column<UInt32>(capacity: 128)
  /// Indices of records, grouped by shard, in the order of the frame within each.
  var order = Column<UInt32>(capacity: 128)
  /// Records whose series have expired since the owner told of them first.
  var stale = Column<UInt32>(capacity: 16)
  var groupEnds: [Int]
  /// The last series of the frame that were refused, and why: a record is a few bytes, and to spell the
  /// same long name again for each is what a hostile frame would have done.
  var refused: [(fingerprint: Fingerprint, refusal: Refusal)] = []
  static let refusedMax = 16
  /// What the owner of the frame at hand may yet take of the limits on totals.
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
    readRules()
    folds.begin(frame, salt: owners.keySeed.salt)
    var effects = PushEffects()
    var result = applyToOwner(&frame, bytes, now, &effects)
    // Another receiver may take the room that was made, but not for ever.
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
    let second = aggregator.clock.load(ordering: .relaxed)
    return owners.shard(of: header.instance).state.withLock { shard in
      guard let position = shard.admit(header, second: second) else {
        return .failure(.tooManyInstances)
      }
      return shard.withOwner(position) { owner, counts in
        if header.isSigned, let replay = replay(owner.window.standing(of: header.sequence)) {
          counts.duplicates += 1
          return replay
        }
        let standing = note(header, &owner, &counts, second)
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
    if owner.isRetired {
      owner.isRetired = false
      counts.returned += 1
    }
    return standing
  }

  /// New names are spelled by the rules of now.
  private mutating func readRules() {
    let epoch = aggregator.rulesEpoch.load(ordering: .acquiring)
    guard epoch != rulesEpoch else { return }
    rulesEpoch = epoch
    builder = aggregator.makeBuilder()
    bucketCountMax = aggregator.rules.bucketCountMax
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
