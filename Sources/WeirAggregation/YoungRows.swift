import WeirMetrics

/// The counters and histograms of a shard that are shown as 0 because they are new, the oldest first:
/// `--series.zero-first`.
///
/// Prometheus' `increase` counts from the first value that it sees. A series whose first value is 5 has
/// increased by nothing, unless a 0 was seen before it.
struct YoungRows: Sendable {
  struct Row: Sendable, BitwiseCopyable {
    let lease: RowLease
    let kind: MetricKind
    /// The second in which it was made.
    let tick: UInt32
  }

  private var rows: [Row] = []
  /// Rows at the front that have grown up.
  private var gone = 0

  mutating func append(_ row: Row) { rows.append(row) }

  /// Removes the first row if it was made before `deadline`.
  mutating func popFirst(before deadline: UInt32) -> Row? {
    guard gone < rows.count, rows[gone].tick < deadline else { return nil }
    defer { forget() }
    gone += 1
    return rows[gone - 1]
  }

  private mutating func forget() {
    if gone == rows.count {
      rows = []
      gone = 0
    } else if gone >= 4_096, gone * 2 >= rows.count {
      rows.removeFirst(gone)
      gone = 0
    }
  }
}

extension ShardState {
  /// Rows that grow up while the shard is locked.
  private static let grownAtOnceMax = 4_096

  /// Shows series that were made before `deadline` as they are from now on.
  ///
  /// - Returns: Whether there may be more of them.
  mutating func growUp(before deadline: UInt32) -> Bool {
    for _ in 0..<ShardState.grownAtOnceMax {
      guard let row = young.popFirst(before: deadline) else { return false }
      switch row.kind {
      case .counter: counters.removeMark(.young, of: row.lease)
      case .histogram: histograms.removeMark(.young, of: row.lease)
      case .gauge, .set: break
      }
    }
    return true
  }

  /// Shows a new series as 0 at first.
  mutating func noteYoung(_ lease: RowLease, _ kind: MetricKind, tick: UInt32) {
    switch kind {
    case .counter: counters.mark(.young, lease.row)
    case .histogram: histograms.mark(.young, lease.row)
    case .gauge, .set: return
    }
    young.append(YoungRows.Row(lease: lease, kind: kind, tick: tick))
  }
}
