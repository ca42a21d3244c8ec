import WeirBytes
import WeirMetrics

/// A disjoint part of all series behind one lock, which a batch takes once.
final class Shard: Sendable {
  let state: Locked<ShardState>

  init(_ observations: Observations, _ sets: SetOptions, showsZeroFirst: Bool) {
    state = Locked(ShardState(observations, sets, showsZeroFirst: showsZeroFirst))
  }
}

/// The values of a shard's series, in columns by kind.
struct ShardState: ~Copyable {
  /// A counter's values: sum and rounding error.
  var counters = SeriesTable(values: 2)
  /// A gauge's value: NaN until the first has come (and never after).
  var gauges = SeriesTable(values: 1)
  /// A histogram's values: sum, rounding error, then the weight in each bucket, not cumulated.
  var histograms: SeriesTable
  /// What histograms keep beside their rows.
  var observations: ObservationRows
  /// A set's row has no values: its members are in `setRows`.
  var sets = SeriesTable(values: 0)
  var setRows: SetRows
  /// Gauges that several owners may have a value of.
  var gaugeGroups = GaugeGroups()
  var exemplars = ExemplarRows()
  /// Empty unless new series are shown as 0.
  var young = YoungRows()
  private let showsZeroFirst: Bool

  /// Where a counter's or a histogram's sum stands in its row, and a gauge's value.
  static let sumCell = SeriesTable.firstValueCell
  static let errorCell = sumCell + 1
  /// Where the buckets begin in a histogram's row.
  static let firstBucket = sumCell + 2

  init(_ observations: Observations, _ sets: SetOptions, showsZeroFirst: Bool = false) {
    setRows = SetRows(sets)
    self.showsZeroFirst = showsZeroFirst
    histograms = SeriesTable(values: 2 + observations.bounds.bucketCount)
    self.observations = ObservationRows(observations)
  }

  func find(_ series: Span<UInt8>, kind: MetricKind, hash: UInt64) -> RowLease? {
    switch kind {
    case .counter: counters.find(series, hash: hash)
    case .gauge: gauges.find(series, hash: hash)
    case .histogram: histograms.find(series, hash: hash)
    case .set: sets.find(series, hash: hash)
    }
  }

  /// Makes a series with nothing in it, as if updated in the second `tick`.
  mutating func insert(
    _ series: [UInt8], kind: MetricKind, hash: UInt64, tick: UInt32,
    bornUnixSeconds born: UInt32
  ) -> RowLease {
    let lease = insertRow(series, kind: kind, hash: hash, tick: tick, bornUnixSeconds: born)
    if showsZeroFirst { noteYoung(lease, kind, tick: tick) }
    return lease
  }

  private mutating func insertRow(
    _ series: [UInt8], kind: MetricKind, hash: UInt64, tick: UInt32,
    bornUnixSeconds born: UInt32
  ) -> RowLease {
    switch kind {
    case .counter: return counters.insert(series, hash: hash, tick: tick, born: born)
    case .gauge:
      let lease = gauges.insert(series, hash: hash, tick: tick, born: born)
      var cells = gauges.rows.row(lease.row)
      cells[ShardState.sumCell] = .nan
      return lease
    case .histogram:
      let lease = histograms.insert(series, hash: hash, tick: tick, born: born)
      if observations.isKept { observations.begin(lease.row) }
      return lease
    case .set:
      let lease = sets.insert(series, hash: hash, tick: tick, born: born)
      setRows.begin(lease.row)
      return lease
    }
  }

  @inline(__always)
  func prefetch(row: Int, kind: MetricKind) {
    switch kind {
    case .counter: counters.rows.prefetchRow(row)
    case .gauge: gauges.rows.prefetchRow(row)
    case .histogram: histograms.rows.prefetchRow(row)
    case .set: sets.rows.prefetchRow(row)
    }
  }

  /// Adds a sample's values to its series, which counts as updated in the second `tick`.
  ///
  /// - Returns: False, and nothing has changed, where the series has expired since it was leased.
  @inline(__always)
  mutating func apply(
    _ sample: Sample, values: Span<Double>, bounds: borrowing HistogramBounds, row: Int,
    generation: UInt32, tick: UInt32
  ) -> Bool {
    let first = Int(sample.firstValue)
    let last = first &+ Int(sample.valueCount)
    switch sample.kind {
    case .counter:
      guard row < counters.rows.count else { return false }
      var cells = counters.rows.row(row)
      guard cells.renew(generation, tick: tick) else { return false }
      var total = CompensatedSum(
        sum: cells[ShardState.sumCell], error: cells[ShardState.errorCell])
      for index in first..<last { total.add(values[index]) }
      cells[ShardState.sumCell] = total.sum
      cells[ShardState.errorCell] = total.error
    case .gauge:
      guard row < gauges.rows.count else { return false }
      var cells = gauges.rows.row(row)
      guard cells.renew(generation, tick: tick) else { return false }
      for index in first..<last {
        let before = cells[ShardState.sumCell]
        let base = sample.isRelative && !before.isNaN ? before : 0
        cells[ShardState.sumCell] = CompensatedSum.clamped(base + values[index])
      }
    case .histogram:
      guard row < histograms.rows.count else { return false }
      var cells = histograms.rows.row(row)
      guard cells.renew(generation, tick: tick) else { return false }
      var sum = CompensatedSum(sum: cells[ShardState.sumCell], error: cells[ShardState.errorCell])
      var signs: UInt64 = 0
      for index in first..<last {
        let value = values[index]
        signs |= value.bitPattern
        let bucket = ShardState.firstBucket &+ bounds.bucket(of: value)
        sum.add(CompensatedSum.clamped(value * sample.weight))
        cells[bucket] = CompensatedSum.clamped(cells[bucket] + sample.weight)
      }
      cells[ShardState.sumCell] = sum.sum
      cells[ShardState.errorCell] = sum.error
      if signs >> 63 == 1 { cells.noteNegative(values, first..<last) }
      if observations.isKept { observations.add(values, sample, row: row, tick: tick) }
    case .set:
      guard row < sets.rows.count else { return false }
      var cells = sets.rows.row(row)
      guard cells.renew(generation, tick: tick) else { return false }
      for index in first..<last {
        setRows.insert(hash: values[index].bitPattern, row: row, second: tick)
      }
    }
    return true
  }

  /// Rows of a kind, free ones among them.
  func rowCount(_ kind: MetricKind) -> Int {
    switch kind {
    case .counter: counters.rows.count
    case .gauge: gauges.rows.count
    case .histogram: histograms.rows.count
    case .set: sets.rows.count
    }
  }

  /// Lends every table in turn.
  func forEachTable(_ body: (borrowing SeriesTable) -> Void) {
    body(counters)
    body(gauges)
    body(histograms)
    body(sets)
  }

  /// Looks for series of a kind whose last update was before `deadline`, and removes them.
  mutating func sweep(
    _ kind: MetricKind, rows: Int, before deadline: UInt32, hash: (Span<UInt8>) -> UInt64
  ) -> SweepStep {
    switch kind {
    case .counter: return counters.sweep(rows: rows, before: deadline, hash: hash)
    case .gauge:
      var groups = GaugeGroups()
      swap(&groups, &gaugeGroups)
      defer { swap(&groups, &gaugeGroups) }
      return gauges.sweep(
        rows: rows, before: deadline, isKept: { groups.hasValues(row: $0) }, hash: hash)
    case .histogram:
      let step = histograms.sweep(rows: rows, before: deadline, hash: hash)
      if observations.isKept {
        for expired in step.expired { observations.free(expired.row) }
        observations.truncate(to: histograms.rows.count)
      }
      return step
    case .set:
      let step = sets.sweep(rows: rows, before: deadline, hash: hash)
      for expired in step.expired { setRows.free(expired.row) }
      setRows.truncate(to: sets.rows.count)
      return step
    }
  }

  /// Whether names of a kind lie in blocks that are to be given back.
  func hasSparseNames(_ kind: MetricKind) -> Bool {
    switch kind {
    case .counter: counters.names.sparseCount > 0
    case .gauge: gauges.names.sparseCount > 0
    case .histogram: histograms.names.sparseCount > 0
    case .set: sets.names.sparseCount > 0
    }
  }

  /// Whether histograms keep more than their rows.
  var keepsObservations: Bool { observations.isKept }

  /// The native histogram of a live row; nil where none are kept.
  func native(row: Int) -> NativeHistogram? { observations.native(row) }

  /// The window of a live row's summary in the second `tick`; nil where none are kept. The summary's
  /// count is the row's only bucket, and its sum the row's.
  mutating func summary(row: Int, tick: UInt32) -> SummaryWindow? {
    observations.summary(row, second: tick)
  }
}
