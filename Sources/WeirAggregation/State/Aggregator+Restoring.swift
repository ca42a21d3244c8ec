import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Makes the series of a state file, with their values.
  ///
  /// - Complexity: O(bytes of the series).
  func restore(_ image: StateImage, _ restored: inout StateRestored) -> StateLeases {
    var series = SeriesRestore(self, image, restored)
    registry.withLock { registry in
      for index in image.tables.indices { series.add(table: index, of: image, &registry) }
      series.close(&registry)
    }
    restored = series.restored
    return series.leases
  }
}

extension ClassTable {
  /// Makes a series of a state file. It is never young.
  ///
  /// - Parameter second: Now.
  mutating func restore(
    _ table: borrowing StateTable, _ place: Int, spelling: ArraySlice<UInt8>, hash: UInt64,
    second: UInt32
  ) -> RowLease {
    let row = table.rows[place]
    let lease = insert(spelling, hash: hash, tick: row.tick, born: row.born)
    var cells = series.rows.row(lease.row)
    let start = place * table.width
    for cell in 0..<table.width {
      cells[SeriesTable.firstValueCell + cell] = table.cells[start + cell]
    }
    if row.flags.contains(.negative) { cells.insert(.negative) }
    if settings.isKept, let saved = table.settings[place] {
      settings.restore(saved, row: lease.row)
    }
    if observations.isKept { restoreObservations(table, place, lease.row, second) }
    if kind == .set {
      let saved = table.sets[place]
      sets.set(
        lease.row,
        SetWindow(
          newest: saved.window.newest, saved.window.steps, isBegun: saved.isBegun,
          updated: row.tick, second: second, sets.options))
    }
    return lease
  }

  private mutating func restoreObservations(
    _ table: borrowing StateTable, _ place: Int, _ row: Int, _ second: UInt32
  ) {
    var window: SummaryWindow?
    if let options = seriesClass.observer.summary {
      let saved = table.summaries[place]
      // Of an age bucket that has not begun nothing can be known.
      let newest = Int(second) * options.ageBuckets / options.maxAgeSeconds
      if saved.newest <= newest {
        window = SummaryWindow(newest: saved.newest, saved.steps, options)
      }
    }
    observations.set(
      row, native: seriesClass.observer.native == nil ? nil : table.natives[place], summary: window)
  }
}
