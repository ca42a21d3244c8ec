import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Copies the rows of all tables for the state file, some thousands at a time.
struct StateRows: Sendable {
  /// Where a pass over all rows is.
  struct Cursor: Sendable {
    var shard = 0
    var classIndex = 0
    var row = 0

    /// Goes on after a step that ended at `row`; nil after the table's last one.
    fileprivate mutating func move(to row: Int?) {
      self.row = row ?? 0
      if row == nil { classIndex += 1 }
    }

    fileprivate mutating func moveToNextShard() {
      self = Cursor(shard: shard + 1)
    }
  }

  private let aggregator: Aggregator
  /// By shard and class.
  private var seen: [[SeenTable]]
  private(set) var longestLock = Duration.zero
  /// Segments that were encoded. The next cut reuses their memory, so that little is allocated under locks.
  private var spares: [RowSegment] = []

  /// A cut of 100,000 series takes as many, 6 MB.
  private static let sparesMax = 32

  init(_ aggregator: Aggregator) {
    self.aggregator = aggregator
    seen = aggregator.shards.map { _ in [] }
  }

  /// Forgets what the file knows.
  mutating func forget() {
    seen = aggregator.shards.map { _ in [] }
  }

  mutating func beginMeasuring() { longestLock = .zero }

  /// Copies the next rows that have changed.
  ///
  /// - Parameter since: Rows that were updated in this second or later have changed.
  /// - Returns: False after the last one.
  mutating func next(
    _ cursor: inout Cursor, since: UInt32, into segment: inout RowSegment
  ) -> Bool {
    while cursor.shard < aggregator.shards.count {
      let (shard, index, row) = (cursor.shard, cursor.classIndex, cursor.row)
      if seen[shard].count <= index { seen[shard].append(SeenTable()) }
      let step = aggregator.shards[shard].state.withLock { state -> Step? in
        guard index < state.tables.count else { return nil }
        let clock = ContinuousClock()
        let start = clock.now
        let next = state.copyChanges(
          shard, ClassID(index), from: row, since: since, seen: &seen[shard][index],
          into: &segment)
        return Step(row: next, locked: clock.now - start)
      }
      if note(step, &cursor), !segment.copy.isEmpty { return true }
    }
    return false
  }

  /// Copies the next rows that the file knows, whether they have changed or not.
  ///
  /// Others come with the next increment. If a slice had one, and its series expired before that,
  /// no increment would say that it is gone.
  mutating func nextKnown(_ cursor: inout Cursor, into segment: inout RowSegment) -> Bool {
    while cursor.shard < aggregator.shards.count {
      let (shard, index, row) = (cursor.shard, cursor.classIndex, cursor.row)
      // A class that no increment has told of yet.
      guard index < seen[shard].count else {
        cursor.moveToNextShard()
        continue
      }
      let step = aggregator.shards[shard].state.withLock { state -> Step? in
        guard index < state.tables.count else { return nil }
        let clock = ContinuousClock()
        let start = clock.now
        let next = state.copyKnown(
          shard, ClassID(index), from: row, seen: seen[shard][index], into: &segment)
        return Step(row: next, locked: clock.now - start)
      }
      if note(step, &cursor), !segment.copy.isEmpty { return true }
    }
    return false
  }

  private struct Step {
    let row: Int?
    let locked: Duration
  }

  private mutating func note(_ step: Step?, _ cursor: inout Cursor) -> Bool {
    guard let step else {
      cursor.moveToNextShard()
      return false
    }
    longestLock = max(longestLock, step.locked)
    cursor.move(to: step.row)
    return true
  }

  /// Takes what has changed of the owners while all of them are locked, and copies the rows that
  /// have changed if any owner has.
  ///
  /// Frames take an owner's lock first and those of series within it, in the same order.
  mutating func copy(
    with owners: Owners, all: Bool, since: UInt32, into segments: inout [RowSegment]
  ) -> OwnersCut {
    let clock = ContinuousClock()
    var changes: [OwnerChanges] = []
    var start = clock.now
    owners.withAllLocked { state in
      if changes.isEmpty { start = clock.now }
      changes.append(state.takeChanges(all: all))
    } then: {
      guard changes.contains(where: \.hasChanged) else { return }
      var cursor = Cursor()
      var segment = spares.popLast() ?? RowSegment()
      while next(&cursor, since: since, into: &segment) {
        segments.append(segment)
        segment = spares.popLast() ?? RowSegment()
      }
      keep(&segment)
    }
    var cut = OwnersCut()
    cut.held = clock.now - start
    cut.removed = changes.flatMap(\.removed)
    // Copied here, so that the list of a shard is shared no longer than that takes.
    for shard in changes {
      cut.changed += shard.owners.filter {
        shard.changedIn == nil || $0.changedIn == shard.changedIn
      }
    }
    return cut
  }

  /// Keeps a segment that was encoded for the next cut.
  mutating func keep(_ segment: inout RowSegment) {
    guard spares.count < StateRows.sparesMax else { return }
    // Empty, because the shard would have to copy what it shares with it.
    segment.copy.begin(width: 0)
    spares.append(segment)
  }
}

/// What has changed of the owners, at the moment of a cut.
struct OwnersCut: Sendable {
  var changed: [Owner] = []
  var removed: [InstanceID] = []
  /// How long all owners were locked.
  var held = Duration.zero
}

extension Owners {
  /// Locks all owners, one shard after another, and passes each shard to `each` as soon as it is
  /// locked; then runs `body`, and unlocks them.
  func withAllLocked(
    _ each: (inout OwnerShardState) -> Void, then body: () -> Void
  ) {
    lock(from: 0, each, body)
  }

  private func lock(
    from index: Int, _ each: (inout OwnerShardState) -> Void, _ body: () -> Void
  ) {
    guard index < shards.count else { return body() }
    shards[index].state.withLock { state in
      each(&state)
      lock(from: index + 1, each, body)
    }
  }

  /// Whether an owner has changed since the state file was written.
  ///
  /// After the call, every frame that began before it has been applied.
  func haveChanged() -> Bool {
    var haveChanged = false
    for shard in shards {
      if shard.state.withLock({ $0.hasChanged }) { haveChanged = true }
    }
    return haveChanged
  }
}
