import Synchronization
import WeirBytes
import WeirMetrics
import WeirState

/// Writes the blocks of the state file: everything at first, then what has changed.
///
/// *Of one moment.* A frame changes its owner and merged rows under the owner's lock. A file with one
/// and not the other would count twice, or never. So rows are copied while all owners are locked, if an
/// owner has changed. Text changes no owner: a server that takes only text never waits for this.
///
///     quiet owners      rows are copied and encoded ─▶ owners locked: none has changed, done
///                                                     └▶ one has: rows since `floor` again, below
///     changed owners    owners locked: rows copied, owners shared ─▶ unlocked, encoded
///
/// *Which rows have changed.* A row has changed if its tick is not before `since`, or if the writer has
/// not seen its generation. `since` is the clock before the last cut, its `floor`. No update that
/// the last cut missed has an older tick:
///
/// - Text reads the clock while it holds the shard's lock. If a cut has copied the shard before,
///   then it has read the clock before that, and a clock never goes back.
/// - A frame reads the clock while it holds its owner's lock. Each cut reads `floor`, and then waits
///   once for each shard of owners. So a frame that began before `floor` was applied completely before
///   any row is copied, and a frame that was not has no tick before `floor`.
///
/// A clock that stands still copies a row again, which changes nothing. Changes of gauges without
/// an update of their row are noted in `GaugeGroups.unsaved`. Exemplars and the mark `young` are not
/// written.
package struct StateWriter: ~Copyable {
  let owners: Owners
  var rows: StateRows
  var encoder = StateEncoder()
  /// Rows that were updated in this second or later have changed.
  private var since: UInt32 = 0
  /// Whether the file knows nothing yet.
  private var isFirst = true
  private var lastTimes: StateTimes?
  /// What the current file was told of.
  var classes = WrittenClasses()
  /// The base that is being written into another file; nil if there is none.
  var base: StateBase?

  /// - Precondition: there is no other writer for these owners.
  package init(owners: Owners) {
    self.owners = owners
    rows = StateRows(owners.aggregator)
    keepState()
  }

  private func keepState() {
    for shard in owners.shards { shard.state.withLock { $0.keepState() } }
    owners.aggregator.registry.withLock { $0.changedMetas = ChangedMetas() }
  }

  /// Forgets what was written, because the file is gone. The next call writes everything.
  package mutating func reset() {
    rows.forget()
    classes = WrittenClasses()
    base = nil
    (since, isFirst) = (0, true)
    keepState()
  }

  /// Appends later times to a group: the last ones of a group hold.
  ///
  /// - Precondition: the second is that of the group, because ages belong to it.
  package mutating func write(_ times: StateTimes, into blocks: inout StateBlocks) {
    encoder.append(times, into: &blocks)
    lastTimes = times
  }

  /// Appends everything that has changed since the last call; everything at the first call and after
  /// `reset`. While a base is being written, the same blocks belong into both files.
  ///
  /// - Complexity: O(rows), and O(bytes) for what is written.
  package mutating func writeChanges(
    times: StateTimes, into blocks: inout StateBlocks
  ) -> StateCut {
    encoder.counts = StateCut()
    rows.beginMeasuring()
    encoder.append(times, into: &blocks)
    lastTimes = times
    if isFirst { encoder.append(owners.keySeed, into: &blocks) }
    // So that values of instances that have left are gone, and few gauges are computed under locks.
    owners.mergeGauges()
    writeRowsAndOwners(into: &blocks)
    writeMetas(into: &blocks)
    isFirst = false
    encoder.counts.longestShardLock = rows.longestLock
    return encoder.counts
  }

  private mutating func writeRowsAndOwners(into blocks: inout StateBlocks) {
    let clock = ContinuousClock()
    let start = clock.now
    let floor = owners.aggregator.clock.load(ordering: .relaxed)
    // Called in any case, because it waits for frames that began before.
    let areQuiet = !owners.haveChanged()
    if areQuiet || isFirst {
      var cursor = StateRows.Cursor()
      var segment = RowSegment()
      while rows.next(&cursor, since: since, into: &segment) {
        write(segment, into: &blocks)
      }
      since = floor
    }
    var segments: [RowSegment] = []
    let cut = rows.copy(with: owners, all: isFirst, since: since, into: &segments)
    since = floor
    encoder.counts.ownersHeld = cut.held
    encoder.counts.copying = clock.now - start
    for var segment in segments {
      write(segment, into: &blocks)
      rows.keep(&segment)
    }
    // Removed ones first, because one of them may have come again.
    encoder.append(removed: cut.removed, into: &blocks)
    for owner in cut.changed { encoder.append(owner, into: &blocks) }
  }

  /// Writes rows, and their class first if a file does not know it.
  private mutating func write(_ segment: RowSegment, into blocks: inout StateBlocks) {
    if let numbered = segment.numbered, !segment.copy.rows.isEmpty {
      if !classes.contains(numbered) || base.map({ !$0.classes.contains(numbered) }) ?? false {
        encoder.append(numbered, into: &blocks)
        classes.insert(numbered)
        base?.classes.insert(numbered)
      }
    }
    encoder.append(segment, into: &blocks)
  }

  private mutating func writeMetas(into blocks: inout StateBlocks) {
    let isFirst = isFirst
    let metas = owners.aggregator.registry.withLock { registry in
      let changed = registry.changedMetas?.take() ?? []
      return isFirst ? registry.allMetas : changed
    }
    encoder.append(metas, into: &blocks)
  }

  /// The block `times` that ages in a slice belong to.
  mutating func repeatTimes(into blocks: inout StateBlocks) {
    guard let lastTimes else { preconditionFailure("a base begins after the first increment") }
    encoder.append(lastTimes, into: &blocks)
  }
}
