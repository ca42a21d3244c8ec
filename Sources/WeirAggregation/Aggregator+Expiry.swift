import Synchronization
import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Sets the time, and removes series whose lifetime is over. Each call checks a share of them, so
  /// that with one call per second every series is checked once in a round.
  ///
  /// A series expires when the lifetime of its class has passed since its last update. It is removed within
  /// a round after that.
  ///
  /// - Parameters:
  ///   - second: Seconds since the start; one that is not later than before is ignored.
  ///   - checksAll: Whether every series is checked, so that what expires depends on the time alone.
  /// - Returns: How many series have expired.
  /// - Complexity: O(rows of the share), a shard's lock being held for a `SweepStep` at a time.
  @discardableResult
  package func expire(atSecond second: UInt32, checksAll: Bool = false) -> Int {
    lastSweep.withLock { last in
      guard second > last else { return 0 }
      let elapsed = checksAll ? Int.max : Int(second - last)
      last = second
      setClock(second)
      var expired = 0
      for shard in shards {
        for due in shard.state.withLock({ $0.tablesToSweep(atSecond: second) }) {
          expired += sweep(shard, due, elapsedSeconds: elapsed)
        }
      }
      // After the room was made, so that a router that sees the new number finds the room.
      if expired > 0 { admissionEpoch.add(1, ordering: .releasing) }
      return expired
    }
  }

  /// Sets the time, and removes nothing. For callers that say when series are checked.
  ///
  /// - Parameter second: Seconds since the start; one that is not later than before is ignored.
  package func advance(toSecond second: UInt32) {
    lastSweep.withLock { _ in
      guard second > clock.load(ordering: .relaxed) else { return }
      setClock(second)
    }
  }

  private func setClock(_ second: UInt32) {
    clock.store(second, ordering: .relaxed)
    registry.withLock { $0.second = second }
    endYouth(atSecond: second)
  }

  /// Ends the time in which young series are shown as 0. A series that was made in a second may have been
  /// made at its end, so that one second more must have passed.
  private func endYouth(atSecond second: UInt32) {
    guard zeroFirstSeconds > 0, second > zeroFirstSeconds else { return }
    for shard in shards {
      var areMore = true
      while areMore {
        areMore = shard.state.withLock { $0.endYouth(before: second - zeroFirstSeconds) }
      }
    }
  }

  /// Sweeps the share of a table's rows that is due after this many seconds. Returns the number of
  /// series that have expired.
  private func sweep(_ shard: SeriesShard, _ due: DueTable, elapsedSeconds: Int) -> Int {
    var left =
      elapsedSeconds >= due.roundSeconds
      ? due.rows : due.rows * elapsedSeconds / due.roundSeconds + 1
    var expired = 0
    while left > 0 {
      let step = shard.state.withLock { state in
        state.sweep(due.classID, rows: left, before: due.deadline) {
          hash.hash($0, from: 0, length: $0.count)
        }
      }
      if step.rows == 0 { break }
      left -= step.rows
      expired += step.expired.count
      release(step.expired, due.kind)
    }
    return expired
  }

  /// Releases the limits' room that removed series took. Until then their names still count as
  /// taken, so that a limit may refuse too much but never too little.
  func release(_ expired: [SweepStep.Expired], _ kind: MetricKind) {
    if expired.isEmpty { return }
    registry.withLock { registry in
      for series in expired {
        let spelling = series.spelling
        let nameLength = SpelledName.length(in: spelling.span)
        let labels = spelling[nameLength...]
        registry.release(
          NewSeries(
            name: HashedName(spelling[..<nameLength], hash), kind: kind, hasLabels: !labels.isEmpty,
            bytes: spelling.count),
          isOverflow: labels.elementsEqual(OverflowSeries.labels))
      }
    }
  }
}

/// A table that the sweep must check.
private struct DueTable {
  let classID: ClassID
  let kind: MetricKind
  let rows: Int
  /// Series whose last update was before this second have expired; 0 for none.
  let deadline: UInt32
  /// Seconds in which every row is checked once.
  let roundSeconds: Int

  /// A round is an eighth of the lifetime, so that a series is removed soon after it has expired.
  /// It stays within this range, so that the sweep of a million series costs very little.
  private static let roundSecondsRange = 4...60

  /// What is due of a table in this second; nil if nothing is.
  init?(_ classID: ClassID, _ table: borrowing ClassTable, atSecond second: UInt32) {
    let lifetime = table.seriesClass.lifetimeSeconds
    deadline = lifetime.map { second - min(second, $0) } ?? 0
    rows = table.series.rows.count
    // Where nothing expires yet, spellings may still have to be moved.
    guard rows > 0, deadline > 0 || table.series.names.sparseCount > 0 else { return nil }
    self.classID = classID
    kind = table.kind
    let (least, most) = (
      DueTable.roundSecondsRange.lowerBound, DueTable.roundSecondsRange.upperBound
    )
    roundSeconds = lifetime.map { min(max(Int($0) / 8, least), most) } ?? most
  }
}

extension SeriesShardState {
  /// The tables with rows whose series may have expired in a second, or with spellings to move.
  fileprivate func tablesToSweep(atSecond second: UInt32) -> [DueTable] {
    tables.indices.compactMap { DueTable(ClassID($0), tables[ClassID($0)], atSecond: second) }
  }
}
