import WeirBytes
import WeirMetrics

extension ShardState {
  /// Cells that hold a series' values.
  static func valueCells(_ kind: MetricKind, bounds: HistogramBounds) -> Int {
    switch kind {
    case .counter: 2
    case .gauge: 1
    case .histogram: 2 + bounds.bucketCount
    case .set: 0
    }
  }

  /// Another number than before when a series of the kind has come or gone.
  func version(_ kind: MetricKind) -> Int {
    switch kind {
    case .counter: counters.version
    case .gauge: gauges.version
    case .histogram: histograms.version
    case .set: sets.version
    }
  }

  func add(to counts: inout SeriesCounts) {
    counts.add(.counter, counters)
    counts.add(.gauge, gauges)
    counts.add(.histogram, histograms)
    counts.add(.set, sets)
  }

  /// Copies the series at some positions of `leases`, which are all this shard's, to a piece, as they
  /// stand in the second `tick`.
  mutating func read(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, kind: MetricKind,
    tick: UInt32, into piece: inout SeriesPiece
  ) {
    switch kind {
    case .counter:
      counters.read(leases, at: positions, into: &piece)
      readExemplars(leases, at: positions, kind, buckets: 1, into: &piece)
    case .gauge: gauges.read(leases, at: positions, into: &piece)
    case .histogram:
      histograms.read(leases, at: positions, into: &piece)
      let buckets = histograms.rows.width - ShardState.firstBucket
      readExemplars(leases, at: positions, kind, buckets: buckets, into: &piece)
      guard keepsObservations else { return }
      for position in positions where piece.isAlive(position - leases.startIndex) {
        let row = leases[position].handle.row
        var native = native(row: row)
        if histograms.marks(of: row).contains(.young) {
          native = native.map { NativeHistogram(schema: $0.schema) }
        }
        piece.set(
          position - leases.startIndex, native: native,
          window: summary(row: row, tick: tick))
      }
    case .set:
      sets.read(leases, at: positions, into: &piece)
      for position in positions where piece.isAlive(position - leases.startIndex) {
        let row = leases[position].handle.row
        piece.set(position - leases.startIndex, set: setRows.window(row, second: tick))
      }
    }
  }

  private func readExemplars(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, _ kind: MetricKind,
    buckets: Int, into piece: inout SeriesPiece
  ) {
    if exemplars.isEmpty { return }
    for position in positions where piece.isAlive(position - leases.startIndex) {
      // What is shown as 0 has seen nothing yet.
      let row = leases[position].handle.row
      let marks = kind == .counter ? counters.marks(of: row) : histograms.marks(of: row)
      if marks.contains(.young) { continue }
      piece.set(
        position - leases.startIndex,
        exemplars: exemplars.of(leases[position], kind, buckets: buckets))
    }
  }

  /// Goes on with a roster, `rowsMax` rows at most.
  ///
  /// - Returns: Whether it is whole now.
  func readRoster(_ kind: MetricKind, rows rowsMax: Int, into roster: inout ShardRoster) -> Bool {
    switch kind {
    case .counter: counters.readRoster(rows: rowsMax, into: &roster)
    case .gauge: gauges.readRoster(rows: rowsMax, into: &roster)
    case .histogram: histograms.readRoster(rows: rowsMax, into: &roster)
    case .set: sets.readRoster(rows: rowsMax, into: &roster)
    }
  }
}

extension SeriesTable {
  fileprivate func read(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, into piece: inout SeriesPiece
  ) {
    for position in positions { rows.prefetchRow(leases[position].handle.row) }
    for position in positions {
      let (row, generation) = (leases[position].handle.row, leases[position].generation)
      guard row < rows.count, rows.life(row).generation == generation else { continue }
      piece.set(
        position - leases.startIndex, values: rows.cells(of: row), names: names,
        place: place(of: row), marks: marks(of: row))
    }
  }

  fileprivate func readRoster(rows rowsMax: Int, into roster: inout ShardRoster) -> Bool {
    let first = roster.generations.count
    let end = min(first + rowsMax, rows.count)
    if first == 0 {
      roster.generations.reserveCapacity(rows.count)
      roster.places.reserveCapacity(rows.count)
    }
    for row in first..<max(first, end) {
      roster.generations.append(rows.life(row).generation)
      roster.places.append(place(of: row))
    }
    guard end == rows.count else { return false }
    roster.names = names.blocks
    return true
  }
}
