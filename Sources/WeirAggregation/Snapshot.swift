import WeirBytes
import WeirMetrics

/// A shard as it stood when its lock was held: plain values, to be read at leisure.
struct ShardSnapshot: Sendable {
  /// The series of one kind, and their rows back to back.
  struct Columns: Sendable {
    let names: SeriesNames
    let rows: [Double]
    let width: Int
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

/// Every series as it stood during one scrape. Each shard is consistent in itself.
package struct Snapshot: Sendable {
  let shards: [ShardSnapshot]
  /// Upper bounds of every histogram.
  package let bounds: HistogramBounds

  /// How many series of a kind there are.
  package func seriesCount(_ kind: MetricKind) -> Int {
    shards.reduce(0) { $0 + $1.columns(kind).names.count }
  }

  /// The spelling of a series.
  package func spelling(_ handle: SeriesHandle, kind: MetricKind) -> Spelling {
    shards[handle.shard].columns(kind).names.spelling(handle.row)
  }

  /// The value of a counter, a gauge, or a set's count. NaN for a gauge or a set whose first value
  /// is still on its way.
  package func value(_ handle: SeriesHandle, kind: MetricKind) -> Double {
    let shard = shards[handle.shard]
    switch kind {
    case .counter:
      let cell = handle.row * shard.counters.width
      return CompensatedSum(sum: shard.counters.rows[cell], error: shard.counters.rows[cell + 1])
        .value
    case .gauge: return shard.gauges.rows[handle.row]
    case .set:
      let count = shard.sketches[handle.row].count
      return count > 0 ? count : .nan
    case .histogram: return histogramSum(handle)
    }
  }

  /// The sum of a histogram's observations.
  package func histogramSum(_ handle: SeriesHandle) -> Double {
    let columns = shards[handle.shard].histograms
    let cell = handle.row * columns.width
    return CompensatedSum(sum: columns.rows[cell], error: columns.rows[cell + 1]).value
  }

  /// The weight in each of a histogram's buckets, not cumulated, `+Inf` last.
  package func buckets(_ handle: SeriesHandle) -> ArraySlice<Double> {
    let columns = shards[handle.shard].histograms
    let start = handle.row * columns.width
    return columns.rows[start + ShardState.firstBucket..<start + columns.width]
  }
}
