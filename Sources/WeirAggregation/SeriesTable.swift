import WeirBytes

/// The series of one kind in a shard: found by spelling, with their values in rows.
///
/// A row has its life, the place of its spelling, and then the values.
struct SeriesTable: ~Copyable {
  /// Where the place of the spelling stands in a row, as bits.
  static let placeCell = 1
  /// Where the values begin in a row.
  static let firstValueCell = 2

  var rows: RowTable
  var index = SeriesIndex()
  var names = SeriesNames()
  /// Series that have expired since the start.
  var expiredCount = 0
  /// Where the sweep goes on.
  var sweepRow = 0
  /// For how many owners the series in each row is kept: it does not expire. It ends with the last row that
  /// was kept.
  private var holders: [UInt32] = []
  /// Raised whenever a series comes or goes.
  private(set) var version = 0

  /// - Parameter values: Cells that a series' values take.
  init(values: Int) {
    rows = RowTable(width: SeriesTable.firstValueCell + values)
  }

  var count: Int { index.count }

  /// Where `series` lives, or nil.
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

  /// Keeps it for one less.
  mutating func release(_ row: Int) {
    precondition(isHeld(row), "the series is kept for nobody")
    holders[row] -= 1
  }

  /// Gives back what lies behind the last row.
  mutating func truncateHolders() {
    if holders.count > rows.count { holders.removeLast(holders.count - rows.count) }
    holders.giveBackSpare()
  }

  /// Removes the series in a live row, and frees all that it took.
  ///
  /// - Precondition: it is kept for nobody.
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

  /// What a live row says of its series beside values.
  func marks(of row: Int) -> RowMarks {
    RowMarks(rawValue: rows.cell(SeriesTable.placeCell, of: row).bitPattern & RowMarks.bits)
  }

  mutating func mark(_ mark: RowMarks, _ row: Int) {
    var cells = rows.row(row)
    cells.insert(mark)
  }

  /// Takes a mark off a series, unless it has gone.
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
