import Synchronization
import WeirBytes
import WeirMetrics

extension SeriesLifetimes {
  /// Seconds in which the sweep comes by every series of a kind.
  func roundSeconds(_ kind: MetricKind) -> Int {
    guard let lifetime = self[kind] else { return 60 }
    return min(max(Int(lifetime) / 8, 4), 60)
  }
}

extension Aggregator {
  /// Tells the time, and lets go of series whose time is over: a share of them at each call, so that
  /// calls once a second come by all of them in a round.
  ///
  /// A series expires when its kind's lifetime has gone by since its last update; it leaves within
  /// a round after that.
  ///
  /// - Parameter second: Seconds since the start; one that is not later than before is ignored.
  /// - Returns: How many series have expired.
  /// - Complexity: O(rows of the share), a shard's lock being held for a `SweepStep` at a time.
  @discardableResult
  package func expire(atSecond second: UInt32) -> Int {
    lastSweep.withLock { last in
      guard second > last else { return 0 }
      let elapsed = Int(second - last)
      last = second
      clock.store(second, ordering: .relaxed)
      growUp(atSecond: second)
      var expired = 0
      for kind in MetricKind.allCases {
        // Where nothing expires, or not yet, the sweep comes by for the names alone.
        let deadline = lifetimes[kind].map { second - min(second, $0) } ?? 0
        for shard in shards
        where deadline > 0 || shard.state.withLock({ $0.hasSparseNames(kind) }) {
          expired += sweep(
            shard, kind, before: deadline, share: elapsed, lifetimes.roundSeconds(kind))
        }
      }
      // After the room was made, so that whoever sees the new number finds the room.
      if expired > 0 { admissionEpoch.add(1, ordering: .releasing) }
      return expired
    }
  }

  /// Shows series that have been shown as 0 for long enough as they are. What was made in a second may
  /// have been made at its end, so that one more has to be over.
  private func growUp(atSecond second: UInt32) {
    guard zeroFirstSeconds > 0, second > zeroFirstSeconds else { return }
    for shard in shards {
      var areMore = true
      while areMore {
        areMore = shard.state.withLock { $0.growUp(before: second - zeroFirstSeconds) }
      }
    }
  }

  /// Sweeps `elapsed` of `round` parts of a shard's rows, and returns how many series have expired.
  private func sweep(
    _ shard: Shard, _ kind: MetricKind, before deadline: UInt32, share elapsed: Int, _ round: Int
  ) -> Int {
    let rows = shard.state.withLock { $0.rowCount(kind) }
    var left = elapsed >= round ? rows : rows * elapsed / round + 1
    var expired = 0
    while left > 0 {
      let step = shard.state.withLock { state in
        state.sweep(kind, rows: left, before: deadline) { hash.hash($0, from: 0, length: $0.count) }
      }
      if step.rows == 0 { break }
      left -= step.rows
      expired += step.expired.count
      release(step.expired, kind)
    }
    return expired
  }

  /// Until this is done the names still count as taken, which refuses too much and never too little.
  func release(_ expired: [SweepStep.Expired], _ kind: MetricKind) {
    if expired.isEmpty { return }
    registry.withLock { registry in
      for series in expired {
        let spelling = series.spelling
        let nameLength = SpelledName.length(in: spelling.span)
        let labels = spelling[nameLength...]
        registry.release(
          NewSeries(
            name: Array(spelling[..<nameLength]), kind: kind, hasLabels: !labels.isEmpty,
            bytes: spelling.count),
          isOverflow: labels.elementsEqual(OverflowSeries.labels))
      }
    }
  }
}
