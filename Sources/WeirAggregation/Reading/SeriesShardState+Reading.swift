import WeirBytes
import WeirMetrics

extension SeriesShardState {
  func add(to counts: inout SeriesCounts) {
    for kind in MetricKind.allCases {
      counts.add(kind, expired: expiredCount(kind), forgotten: forgottenCount(kind))
    }
    forEachTable { counts.add($0.kind, series: $0.series.count) }
  }

  /// A number for each table, which changes when a series of the class is made or removed.
  func versions() -> [Int] { tables.indices.map { tables[ClassID($0)].series.version } }

  /// Copies the series at some positions of `leases` to a piece, as they are in the second `tick`.
  /// All of them are in this shard and of one class.
  mutating func read(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, tick: UInt32,
    into piece: inout SeriesPiece
  ) {
    guard let first = positions.first else { return }
    let classID = leases[first].classID
    tables[classID].series.read(leases, at: positions, into: &piece)
    switch tables[classID].kind {
    case .counter: readExemplars(leases, at: positions, buckets: 1, into: &piece)
    case .gauge: break
    case .histogram:
      let buckets = tables[classID].seriesClass.layout.bucketCount
      readExemplars(leases, at: positions, buckets: buckets, into: &piece)
      guard tables[classID].observations.isKept else { return }
      tables[classID].readObservations(leases, at: positions, tick: tick, into: &piece)
    case .set:
      for position in positions where piece.isAlive(position - leases.startIndex) {
        let row = leases[position].handle.row
        piece.set(
          position - leases.startIndex, set: tables[classID].sets.window(row, second: tick))
      }
    }
  }

  private func readExemplars(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, buckets: Int,
    into piece: inout SeriesPiece
  ) {
    if exemplars.isEmpty { return }
    for position in positions where piece.isAlive(position - leases.startIndex) {
      let lease = leases[position]
      // A series that is shown as 0 has no observation yet.
      if tables[lease.classID].series.marks(of: lease.handle.row).contains(.young) { continue }
      piece.set(
        position - leases.startIndex, exemplars: exemplars.of(lease, buckets: buckets))
    }
  }

  /// Appends at most `rowsMax` rows to a roster.
  ///
  /// - Returns: Whether the roster is complete now.
  func readRoster(_ classID: ClassID, rows rowsMax: Int, into roster: inout ShardRoster) -> Bool {
    roster.seriesClass = tables[classID].seriesClass
    return tables[classID].series.readRoster(rows: rowsMax, into: &roster)
  }
}

extension ClassTable {
  /// Copies what the class keeps in addition to its rows.
  fileprivate mutating func readObservations(
    _ leases: ArraySlice<SeriesLease>, at positions: ArraySlice<Int>, tick: UInt32,
    into piece: inout SeriesPiece
  ) {
    for position in positions where piece.isAlive(position - leases.startIndex) {
      let row = leases[position].handle.row
      var native = observations.native(row)
      if series.marks(of: row).contains(.young) {
        native = native.map { NativeHistogram(schema: $0.schema) }
      }
      piece.set(
        position - leases.startIndex, native: native,
        window: observations.summary(row, second: tick))
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
      guard row < rows.count else { continue }
      let life = rows.life(row)
      guard life.generation == generation else { continue }
      piece.set(
        position - leases.startIndex, values: rows.cells(of: row), names: names,
        place: place(of: row), marks: marks(of: row), tick: life.tick)
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
