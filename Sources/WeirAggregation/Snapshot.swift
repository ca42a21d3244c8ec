import WeirBytes
import WeirMetrics

/// A shard as it stood when its lock was held: plain values, to be read at leisure.
struct ShardSnapshot: Sendable {
  /// The series of one kind, and their rows back to back.
  struct Columns: Sendable {
    let names: NameBlocks
    let rows: [Double]
    let width: Int
    /// Rows in which a series lives.
    let seriesCount: Int
    /// Series that had expired since the start.
    let expiredCount: Int
    /// Another one than before when a series has come or gone.
    let version: Int

    /// Rows, free ones among them.
    var rowCount: Int { rows.count / width }

    func life(_ row: Int) -> RowLife { RowLife(cell: rows[row * width]) }

    /// The spelling of the series in a live row.
    func spelling(_ row: Int) -> Spelling {
      names.spelling(
        SpellingPlace(bits: rows[row * width + SeriesTable.placeCell].bitPattern))
    }
  }

  let counters: Columns
  let gauges: Columns
  let histograms: Columns
  let sets: Columns
  let sketches: [SetSketch]

  func columns(_ kind: MetricKind) -> Columns {
    switch kind {
    case .counter: counters
    case .gauge: gauges
    case .histogram: histograms
    case .set: sets
    }
  }
}

/// Every series as it stood during one scrape. Each shard is consistent in itself, and no name has
/// two kinds.
package struct Snapshot: Sendable {
  let shards: [ShardSnapshot]
  /// Upper bounds of every histogram.
  package let bounds: HistogramBounds

  /// How many series of a kind there are.
  package func seriesCount(_ kind: MetricKind) -> Int {
    shards.reduce(0) { $0 + $1.columns(kind).seriesCount }
  }

  /// How many series of a kind have expired since the start.
  package func expiredCount(_ kind: MetricKind) -> Int {
    shards.reduce(0) { $0 + $1.columns(kind).expiredCount }
  }

  /// The spelling of a series.
  package func spelling(_ handle: SeriesHandle, kind: MetricKind) -> Spelling {
    shards[handle.shard].columns(kind).spelling(handle.row)
  }

  /// The value of a counter, a gauge, or a set's count. NaN for a gauge or a set whose first value
  /// is still on its way.
  package func value(_ handle: SeriesHandle, kind: MetricKind) -> Double {
    switch kind {
    case .counter: return sum(handle, in: shards[handle.shard].counters)
    case .gauge:
      let columns = shards[handle.shard].gauges
      return columns.rows[handle.row * columns.width + ShardState.sumCell]
    case .set:
      let count = shards[handle.shard].sketches[handle.row].count
      return count > 0 ? count : .nan
    case .histogram: return histogramSum(handle)
    }
  }

  /// The sum of a histogram's observations.
  package func histogramSum(_ handle: SeriesHandle) -> Double {
    sum(handle, in: shards[handle.shard].histograms)
  }

  /// The weight in each of a histogram's buckets, not cumulated, `+Inf` last.
  package func buckets(_ handle: SeriesHandle) -> ArraySlice<Double> {
    let columns = shards[handle.shard].histograms
    let start = handle.row * columns.width
    return columns.rows[start + ShardState.firstBucket..<start + columns.width]
  }

  private func sum(_ handle: SeriesHandle, in columns: ShardSnapshot.Columns) -> Double {
    let row = handle.row * columns.width
    return CompensatedSum(
      sum: columns.rows[row + ShardState.sumCell], error: columns.rows[row + ShardState.errorCell]
    ).value
  }
}
