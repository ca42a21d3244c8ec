import WeirBytes

/// The series of one class in a shard: found by spelling, with their values in rows.
///
///     row     life            place of the spelling   values …
///     cell    0 (`RowLife`)   1 (with `RowMarks`)     2, 3, …
struct SeriesTable: ~Copyable {
  /// Where the place of the spelling stands in a row, as bits.
  static let placeCell = 1
  /// Where the values begin in a row.
  static let firstValueCell = 2

  var rows: RowTable
  var index = SeriesIndex()
  var names = SeriesNames()
  /// The row that the sweep looks at next.
  var sweepRow = 0
  /// Of each row the number of owners that its series is kept for: it does not expire. The list ends with
  /// the last row that was kept.
  private var holders: [UInt32] = []
  /// Raised whenever a series is made or removed.
  private(set) var version = 0

  /// - Parameter values: Cells that a series' values take.
  init(values: Int) {
    rows = RowTable(width: SeriesTable.firstValueCell + values)
  }

  var count: Int { index.count }

  /// Makes an empty table one of rows of another width. No lease on a row becomes valid again.
  mutating func reset(values: Int) {
    precondition(count == 0)
    rows = RowTable(
      width: SeriesTable.firstValueCell + values, firstGeneration: rows.firstGeneration)
    index = SeriesIndex()
    names = SeriesNames()
    sweepRow = 0
    holders = []
    version += 1
  }

  /// The row of `series`, or nil.
  func find(_ series: Span<UInt8>, hash: UInt64) -> RowLease? {
    let row = index.find(hash: hash) { row in
      let spelling = spelling(of: row)
      let name = spelling.bytes
      return name.count == series.count && name.matches(at: 0, series, at: 0, length: series.count)
    }
    return row.map { RowLease(row: $0, generation: rows.life($0).generation) }
  }

  /// Adds a series that is not there yet. Its values are zero.
  mutating func insert(_ series: [UInt8], hash: UInt64, tick: UInt32, born: UInt32) -> RowLease {
    let lease = rows.take(tick: tick)
    setPlace(names.add(series[...], born: born), of: lease.row)
    index.insert(row: lease.row, hash: hash)
    version += 1
    return lease
  }

  /// Whether the series in a live row is kept for an owner.
  func isHeld(_ row: Int) -> Bool { row < holders.count && holders[row] > 0 }

  /// Keeps the series in a live row for one more owner.
  mutating func hold(_ row: Int) {
    if row >= holders.count {
      holders.reserveSparingly(row + 1 - holders.count)
      holders.append(contentsOf: repeatElement(0, count: row + 1 - holders.count))
    }
    holders[row] += 1
  }

  /// Keeps it for one owner less.
  mutating func release(_ row: Int) {
    precondition(isHeld(row), "the series is kept for no owner")
    holders[row] -= 1
  }

  /// Gives back what lies after the last row.
  mutating func truncateHolders() {
    if holders.count > rows.count { holders.removeLast(holders.count - rows.count) }
    holders.giveBackSpare()
  }

  /// Removes the series in a live row, and frees its memory.
  ///
  /// - Precondition: it is kept for no owner.
  mutating func remove(row: Int, hash: UInt64) {
    precondition(!isHeld(row), "the series is kept for an owner")
    index.remove(row: row, hash: hash)
    names.remove(place(of: row))
    rows.free(row)
    version += 1
  }

  func place(of row: Int) -> SpellingPlace {
    SpellingPlace(bits: rows.cell(SeriesTable.placeCell, of: row).bitPattern)
  }

  mutating func setPlace(_ place: SpellingPlace, of row: Int) {
    let marks = marks(of: row)
    var cells = rows.row(row)
    cells[SeriesTable.placeCell] = Double(bitPattern: place.bits | marks.rawValue)
  }

  /// The marks of the series in a live row.
  func marks(of row: Int) -> RowMarks {
    RowMarks(rawValue: rows.cell(SeriesTable.placeCell, of: row).bitPattern & RowMarks.bits)
  }

  mutating func mark(_ mark: RowMarks, _ row: Int) {
    var cells = rows.row(row)
    cells.insert(mark)
  }

  /// Removes a mark of a series, unless that has expired.
  mutating func removeMark(_ mark: RowMarks, of lease: RowLease) {
    guard lease.row < rows.count, rows.life(lease.row).generation == lease.generation else {
      return
    }
    var cells = rows.row(lease.row)
    let bits = cells[SeriesTable.placeCell].bitPattern & ~mark.rawValue
    cells[SeriesTable.placeCell] = Double(bitPattern: bits)
  }

  /// The spelling of the series in a live row.
  func spelling(of row: Int) -> Spelling { names.spelling(place(of: row)) }
}
