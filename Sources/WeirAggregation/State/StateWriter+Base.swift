import WeirBytes
import WeirMetrics
import WeirState

/// How far the writing of a base is.
struct StateBase: Sendable {
  enum Stage: Sendable {
    case rows(StateRows.Cursor)
    /// The next shard of owners.
    case owners(Int)
    case metas
  }

  var stage = Stage.rows(StateRows.Cursor())
  var hasKey = false
  /// What its file was told of.
  var classes = WrittenClasses()
}

/// A new base, slice by slice, while increments go on.
///
/// A slice has some of the rows, owners or metas that the file knows, as they are then. An increment after it has all that has
/// changed since the increment before, so also what changes after the slice. When the last slice was
/// followed by an increment, the new file has the last value of everything.
extension StateWriter {
  /// Bytes after which a slice ends. A commit that waits for it waits for some milliseconds.
  private static let sliceBytesAim = 1 << 20

  /// Begins a new base. One that was begun before is given up.
  ///
  /// - Precondition: `writeChanges` was called since the last `reset`.
  package mutating func beginBase() {
    base = StateBase()
  }

  /// Appends the next slice of the base.
  ///
  /// - Returns: Whether it was the last. The file is complete after one more `writeChanges`, which
  ///   has to be written to both files.
  package mutating func writeSlice(into blocks: inout StateBlocks) -> Bool {
    guard var base else { return true }
    let start = blocks.byteCount
    // Ages belong to the last block `times` before them.
    repeatTimes(into: &blocks)
    if !base.hasKey { encoder.append(owners.keySeed, into: &blocks) }
    base.hasKey = true
    switch base.stage {
    case .rows(var cursor):
      let isDone = writeRows(&cursor, &base.classes, from: start, into: &blocks)
      base.stage = isDone ? .owners(0) : .rows(cursor)
    case .owners(let shard):
      // One that is new comes with the next increment, as new series do.
      let (all, epoch) = owners.shards[shard].state.withLock { ($0.owners, $0.epoch) }
      for owner in all where owner.addedIn != epoch { encoder.append(owner, into: &blocks) }
      base.stage = shard + 1 < owners.shards.count ? .owners(shard + 1) : .metas
    case .metas:
      encoder.append(owners.aggregator.registry.withLock { $0.allMetas }, into: &blocks)
      // What only the old file knows of would be missing after the next commit.
      classes = base.classes
      self.base = nil
      return true
    }
    self.base = base
    return false
  }

  /// Returns whether there are no more rows.
  private mutating func writeRows(
    _ cursor: inout StateRows.Cursor, _ classes: inout WrittenClasses, from start: Int,
    into blocks: inout StateBlocks
  ) -> Bool {
    var segment = RowSegment()
    while blocks.byteCount - start < StateWriter.sliceBytesAim {
      guard rows.nextKnown(&cursor, into: &segment) else { return true }
      if let numbered = segment.numbered, !classes.contains(numbered) {
        encoder.append(numbered, into: &blocks)
        classes.insert(numbered)
      }
      encoder.append(segment, into: &blocks)
    }
    return false
  }
}
