import WeirMetrics

/// The counters and histograms of a shard that are shown as 0 because they are new, the oldest first:
/// `--series.zero-first`.
///
/// Prometheus' `increase` counts from the first value that it sees. If the first value of a series
/// is 5, those 5 are not part of the increase, unless a 0 was seen before.
struct YoungRows: Sendable {
  struct Row: Sendable, BitwiseCopyable {
    let lease: RowLease
    let classID: ClassID
    /// The second in which it was made.
    let tick: UInt32
  }

  private var rows: [Row] = []
  /// Rows at the front that are no longer young.
  private var gone = 0

  mutating func append(_ row: Row) { rows.append(row) }

  /// Removes the first row if it was made before `deadline`.
  mutating func popFirst(before deadline: UInt32) -> Row? {
    guard gone < rows.count, rows[gone].tick < deadline else { return nil }
    defer { removeGone() }
    gone += 1
    return rows[gone - 1]
  }

  private mutating func removeGone() {
    if gone == rows.count {
      rows = []
      gone = 0
    } else if gone >= 4_096, gone * 2 >= rows.count {
      rows.removeFirst(gone)
      gone = 0
    }
  }
}

extension SeriesShardState {
  /// The most rows whose mark is removed while the shard is locked once.
  private static let agedAtOnceMax = 4_096

  /// Shows the actual values of series that were made before `deadline` from now on.
  ///
  /// - Returns: Whether there may be more of them.
  mutating func endYouth(before deadline: UInt32) -> Bool {
    for _ in 0..<SeriesShardState.agedAtOnceMax {
      guard let row = young.popFirst(before: deadline) else { return false }
      tables[row.classID].series.removeMark(.young, of: row.lease)
    }
    return true
  }

  /// Shows a new counter or histogram as 0 at first.
  mutating func noteYoung(_ lease: RowLease, _ classID: ClassID, tick: UInt32) {
    switch tables[classID].kind {
    case .gauge, .set: return
    case .counter, .histogram:
      tables[classID].series.mark(.young, lease.row)
      young.append(YoungRows.Row(lease: lease, classID: classID, tick: tick))
    }
  }
}
