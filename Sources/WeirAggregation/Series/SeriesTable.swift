import WeirBytes

/// The series of one class in a shard. They are found by spelling, and their values are in rows.
///
///     row     life            place of the spelling   values …
///     cell    0 (`RowLife`)   1 (with `RowMarks`)     2, 3, …
struct SeriesTable: ~Copyable {
  /// The cell of a row that holds the place of the spelling, as bits.
  static let placeCell = 1
  /// The first cell of a row that holds a value.
  static let firstValueCell = 2

  var rows: RowTable
  var index = SeriesIndex()
  var names = SeriesNames()
  /// The next row that the sweep checks.
  var sweepRow = 0
  /// For each row the number of owners that hold its series: it does not expire while there are
  /// any. The list ends with the last row that was ever held.
  private var holders: [UInt32] = []
  /// Raised whenever a series is made or removed.
  private(set) var version = 0

  /// - Parameter values: The number of cells for a series' values.
  init(values: Int) {
    rows = RowTable(width: SeriesTable.firstValueCell + values)
  }

  var count: Int { index.count }

  /// Changes the row width of an empty table. No old lease on a row becomes valid again.
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

  /// Adds a series that is not in the table yet. Its values are zero.
  mutating func insert(_ series: [UInt8], hash: UInt64, tick: UInt32, born: UInt32) -> RowLease {
    insert(series[...], hash: hash, tick: tick, born: born)
  }

  /// The same for a spelling among other bytes.
  mutating func insert(
    _ series: ArraySlice<UInt8>, hash: UInt64, tick: UInt32, born: UInt32
  ) -> RowLease {
    let lease = rows.take(tick: tick)
    setPlace(names.add(series, born: born), of: lease.row)
    index.insert(row: lease.row, hash: hash)
    version += 1
    return lease
  }

  /// Whether the series of a lease has not expired.
  func isLive(_ lease: RowLease) -> Bool {
    lease.row < rows.count && rows.life(lease.row).generation == lease.generation
  }

  /// Whether an owner holds the series in a live row.
  func isHeld(_ row: Int) -> Bool { row < holders.count && holders[row] > 0 }

  /// Adds one owner that holds the series in a live row.
  mutating func hold(_ row: Int) {
    if row >= holders.count {
      holders.reserveSparingly(row + 1 - holders.count)
      holders.append(contentsOf: repeatElement(0, count: row + 1 - holders.count))
    }
    holders[row] += 1
  }

  /// Removes one owner that holds a series, unless the series was forgotten meanwhile.
  mutating func release(_ lease: RowLease) {
    guard isLive(lease) else { return }
    precondition(isHeld(lease.row), "the series is kept for no owner")
    holders[lease.row] -= 1
  }

  /// Gives back the memory after the last row.
  mutating func truncateHolders() {
    if holders.count > rows.count { holders.removeLast(holders.count - rows.count) }
    holders.giveBackSpare()
  }

  /// Removes the series in a live row, and frees its memory.
  ///
  /// - Precondition: no owner holds it.
  mutating func remove(row: Int, hash: UInt64) {
    precondition(!isHeld(row), "the series is kept for an owner")
    index.remove(row: row, hash: hash)
    names.remove(place(of: row))
    rows.free(row)
    version += 1
  }

  /// Takes the series in a live row out of the index, so that nobody finds it any more. Leases on it
  /// stay valid until `removeUnlisted`.
  mutating func unlist(row: Int, hash: UInt64) { index.remove(row: row, hash: hash) }

  /// Removes a series that is no longer in the index, and frees its memory. An owner that still
  /// holds it has given it up, and its release is on the way.
  mutating func removeUnlisted(row: Int) {
    if row < holders.count { holders[row] = 0 }
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

  /// Removes a mark of a series, unless the series has expired.
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
