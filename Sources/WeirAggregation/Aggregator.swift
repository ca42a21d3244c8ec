import WeirBytes
import WeirConcurrency
import WeirMetrics

/// Every series there is, spread over shards by a keyed hash of its spelling.
///
/// Receivers add to it through a `Router` each; scrapes copy it with `snapshot()`.
package final class Aggregator: Sendable {
  package let bounds: HistogramBounds
  package let limits: Limits
  let shards: [Shard]
  private let registry: Guarded<FamilyRegistry>
  private let hash: KeyedHash

  /// Shards by default: enough that two receivers and a scrape seldom meet.
  package static let shardsDefault = 8

  package init(
    bounds: HistogramBounds = .standard, limits: Limits = Limits(),
    shards count: Int = Aggregator.shardsDefault
  ) {
    precondition((1...SeriesHandle.shardsMax).contains(count) && count & (count - 1) == 0)
    precondition(limits.seriesMax < SeriesHandle.rowsMax, "a handle could not tell the rows apart")
    precondition(limits.seriesBytesMax <= SeriesNames.blockBytes, "no block could hold a series")
    self.bounds = bounds
    self.limits = limits
    shards = (0..<count).map { _ in Shard(bounds: bounds) }
    registry = Guarded(FamilyRegistry(limits: limits, bounds: bounds))
    var generator = SystemRandomNumberGenerator()
    hash = KeyedHash.random(using: &generator)
  }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  package func reserve(_ name: String, kind: MetricKind) {
    registry.withLock { $0.reserve(Array(name.utf8), kind: kind) }
  }

  /// The series that `builder` has finished: found, or made when it may be.
  ///
  /// - Throws: `typeClash`, `reservedName`, `tooManySeries`.
  func resolve(
    _ builder: borrowing SeriesBuilder, kind: MetricKind
  ) throws(Refusal) -> SeriesHandle {
    let series = builder.series
    let digest = hash.hash(series.span, from: 0, length: series.count)
    let shard = Int(truncatingIfNeeded: digest >> 32) & (shards.count - 1)
    let found = shards[shard].state.withLock { state in
      state.find(series.span, kind: kind, hash: digest)
    }
    if let found { return SeriesHandle(shard: shard, row: found) }
    let name = Array(series[..<builder.nameLength])
    let hasLabels = builder.hasLabels
    // Held to the end, so that what two receivers bring at once is let in once. This is the only
    // place that holds two locks.
    let row = try registry.withLock { registry throws(Refusal) in
      try shards[shard].state.withLock { state throws(Refusal) in
        if let row = state.find(series.span, kind: kind, hash: digest) { return row }
        try registry.admit(
          name: name, kind: kind, hasLabels: hasLabels, seriesBytes: series.count)
        return state.insert(series, kind: kind, hash: digest) { name in
          hash.hash(name, from: 0, length: name.count)
        }
      }
    }
    return SeriesHandle(shard: shard, row: row)
  }

  /// Copies every shard, one lock at a time.
  ///
  /// - Complexity: O(series); ingest waits for one shard's copy at most.
  package func snapshot() -> Snapshot {
    Snapshot(shards: shards.map { $0.state.withLock { $0.copy() } }, bounds: bounds)
  }
}
