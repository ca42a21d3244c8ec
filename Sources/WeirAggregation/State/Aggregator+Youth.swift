import Synchronization
import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Shows series that a state file brought back as 0 again where they were shown so when it was written. The file
  /// says when each was made, so that the time ends as it would have without a restart.
  ///
  /// Where a scrape has shown another node's page, that page has them as 0, too.
  ///
  /// - Precondition: the wall clock of the aggregator goes with its own, and nothing was received since `restore`.
  /// - Complexity: O(rows) with `--series.zero-first`; else O(1).
  package func restoreYouth(unixSeconds now: UInt32) {
    guard zeroFirstSeconds > 0 else { return }
    let second = clock.load(ordering: .relaxed)
    for shard in shards {
      shard.state.withLock { state in
        for (lease, classID, born) in state.rows(bornSince: now - min(now, zeroFirstSeconds)) {
          state.noteYoung(lease, classID, tick: second - min(second, now - min(now, born)))
        }
      }
    }
  }
}

extension SeriesShardState {
  /// Live rows of counters and histograms that were made in this second or later, the oldest first.
  fileprivate func rows(bornSince first: UInt32) -> [(RowLease, ClassID, born: UInt32)] {
    var found: [(RowLease, ClassID, born: UInt32)] = []
    for index in tables.indices {
      let classID = ClassID(index)
      guard tables[classID].kind == .counter || tables[classID].kind == .histogram else { continue }
      for row in 0..<tables[classID].series.rows.count {
        let life = tables[classID].series.rows.life(row)
        guard life.isLive else { continue }
        let born = tables[classID].series.names.born(tables[classID].series.place(of: row))
        if born >= first {
          found.append((RowLease(row: row, generation: life.generation), classID, born))
        }
      }
    }
    return found.sorted { $0.born < $1.born }
  }
}
