import WeirBytes
import WeirConcurrency
import WeirMetrics

/// A disjoint part of all series behind one lock, which a batch takes once.
final class Shard: Sendable {
  let state: Guarded<ShardState>

  init(bounds: HistogramBounds) {
    state = Guarded(ShardState(bounds: bounds))
  }
}

/// The values of a shard's series, in columns by kind.
struct ShardState: ~Copyable {
  /// A counter's row: sum and rounding error.
  private var counters = RowTable(width: 2)
  /// A gauge's row: its value, NaN until the first has come (and never after).
  private var gauges = RowTable(width: 1)
  /// A histogram's row: sum, rounding error, then the weight in each bucket, not cumulated.
  private var histograms: RowTable
  private var sets: [SetSketch] = []
  private let bounds: HistogramBounds

  private var counterIndex = SeriesIndex()
  private var gaugeIndex = SeriesIndex()
  private var histogramIndex = SeriesIndex()
  private var setIndex = SeriesIndex()

  /// Where the buckets begin in a histogram's row.
  static let firstBucket = 2

  init(bounds: HistogramBounds) {
    self.bounds = bounds
    histograms = RowTable(width: ShardState.firstBucket + bounds.bucketCount)
  }

  func find(_ series: Span<UInt8>, kind: MetricKind, hash: UInt64) -> Int? {
    switch kind {
    case .counter: counterIndex.find(series, hash: hash)
    case .gauge: gaugeIndex.find(series, hash: hash)
    case .histogram: histogramIndex.find(series, hash: hash)
    case .set: setIndex.find(series, hash: hash)
    }
  }

  /// Makes a series with nothing in it, and returns its row.
  mutating func insert(
    _ series: [UInt8], kind: MetricKind, hash: UInt64, rehash: (Span<UInt8>) -> UInt64
  ) -> Int {
    switch kind {
    case .counter:
      counters.appendRow()
      return counterIndex.insert(series, hash: hash, rehash: rehash)
    case .gauge:
      gauges.appendRow()
      let row = gaugeIndex.insert(series, hash: hash, rehash: rehash)
      var cells = gauges.row(row)
      cells[0] = .nan
      return row
    case .histogram:
      histograms.appendRow()
      return histogramIndex.insert(series, hash: hash, rehash: rehash)
    case .set:
      sets.append(SetSketch())
      return setIndex.insert(series, hash: hash, rehash: rehash)
    }
  }

  @inline(__always)
  func prefetch(row: Int, kind: MetricKind) {
    switch kind {
    case .counter: counters.prefetchRow(row)
    case .gauge: gauges.prefetchRow(row)
    case .histogram: histograms.prefetchRow(row)
    case .set: break
    }
  }

  /// Adds a sample's values to its series.
  @inline(__always)
  mutating func apply(_ sample: Sample, values: Span<Double>, row: Int) {
    let first = Int(sample.firstValue)
    let last = first &+ Int(sample.valueCount)
    switch sample.kind {
    case .counter:
      var cells = counters.row(row)
      var total = CompensatedSum(sum: cells[0], error: cells[1])
      for index in first..<last { total.add(values[index]) }
      cells[0] = total.sum
      cells[1] = total.error
    case .gauge:
      var cells = gauges.row(row)
      for index in first..<last {
        let base = sample.isRelative && !cells[0].isNaN ? cells[0] : 0
        cells[0] = CompensatedSum.clamped(base + values[index])
      }
    case .histogram:
      for index in first..<last {
        let value = values[index]
        let bucket = ShardState.firstBucket &+ bounds.bucket(of: value)
        var cells = histograms.row(row)
        var sum = CompensatedSum(sum: cells[0], error: cells[1])
        sum.add(CompensatedSum.clamped(value * sample.weight))
        cells[0] = sum.sum
        cells[1] = sum.error
        cells[bucket] = CompensatedSum.clamped(cells[bucket] + sample.weight)
      }
    case .set:
      for index in first..<last { sets[row].insert(hash: values[index].bitPattern) }
    }
  }

  /// Everything as it stands now.
  ///
  /// - Complexity: O(series): one `memcpy` for each chunk, and shared names.
  func copy() -> ShardSnapshot {
    ShardSnapshot(
      counters: .init(names: counterIndex.names, rows: counters.copy(), width: counters.width),
      gauges: .init(names: gaugeIndex.names, rows: gauges.copy(), width: gauges.width),
      histograms: .init(
        names: histogramIndex.names, rows: histograms.copy(), width: histograms.width),
      sets: .init(names: setIndex.names, rows: [], width: 1),
      sketches: sets)
  }
}
