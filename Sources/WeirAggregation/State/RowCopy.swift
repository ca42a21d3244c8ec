import WeirMetrics

/// Rows of one table, copied while its shard was locked, so that they can be encoded outside the lock. The state
/// file and forwarding read rows with it.
///
///     rows     [7, 9, 12, …]                ascending
///     cells    7: life place v v │ 9: life place v v │ …      `width` for each row
struct RowCopy: Sendable {
  /// A row that was copied.
  struct Row: Sendable {
    let index: UInt32
    /// Where its spelling is in `text`; empty unless the series is new to the reader.
    let text: Range<UInt32>
    /// When the series was made, in seconds since 1970; 0 unless it is new to the reader.
    let born: UInt32

    var isNew: Bool { !text.isEmpty }
  }

  /// Which rows are copied.
  enum Choice {
    /// Those that were updated in this second or later, and those that are new to the reader.
    case changed(since: UInt32)
    case all
  }

  private(set) var rows: [Row] = []
  /// Cells for each row.
  private(set) var width = 0
  private(set) var cells: [Double] = []
  /// Rows whose series the reader knows, and that hold none now.
  private(set) var removed: [UInt32] = []
  private(set) var text: [UInt8] = []
  // One for each row, where the class keeps them; else empty. Of windows, the steps before `unsavedFrom` are
  // known to the state file.
  private(set) var natives: [NativeHistogram] = []
  private(set) var summaries: [SummaryWindow] = []
  private(set) var sets: [SetWindow] = []
  /// Of gauges, how text has set them.
  private(set) var settings: [GaugeSettings] = []
  /// Of gauges that instances have pushed, with the place of the row in `rows`.
  private(set) var gauges: [(place: Int, group: GaugeGroups.Reading)] = []

  var isEmpty: Bool { rows.isEmpty && removed.isEmpty }

  /// The most rows that are looked at while a shard is locked.
  static let rowsMax = 4_096
  /// No more rows are copied after this many bytes of spellings. Most are below a hundred bytes, but
  /// a shard that is locked must not wait for 4,096 of the longest.
  private static let textBytesMax = 1 << 20

  fileprivate var isFull: Bool { text.count >= RowCopy.textBytesMax }

  /// Empties it and keeps its memory.
  mutating func begin(width: Int) {
    self.width = width
    rows.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    removed.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    // Released now, because the shard would have to copy shared storage at the next update.
    natives.removeAll(keepingCapacity: true)
    summaries.removeAll(keepingCapacity: true)
    sets.removeAll(keepingCapacity: true)
    settings.removeAll(keepingCapacity: true)
    gauges.removeAll(keepingCapacity: true)
  }

  func life(_ place: Int) -> RowLife { RowLife(cell: cells[place * width]) }

  func marks(_ place: Int) -> RowMarks {
    RowMarks(rawValue: cells[place * width + SeriesTable.placeCell].bitPattern & RowMarks.bits)
  }

  /// The value cells of a row.
  func values(_ place: Int) -> ArraySlice<Double> {
    cells[place * width + SeriesTable.firstValueCell..<(place + 1) * width]
  }

  /// `name{label="value",…}` of a row that is new to the reader.
  func spelling(_ place: Int) -> ArraySlice<UInt8> {
    text[Int(rows[place].text.lowerBound)..<Int(rows[place].text.upperBound)]
  }
}

extension ClassTable {
  /// Copies some rows.
  ///
  /// - Parameters:
  ///   - range: The rows to look at; those after the last row are left out.
  ///   - notesSaved: Whether windows of sets and summaries, and values of gauges, count as saved
  ///     from now on. One reader may say so: the writer of the state file.
  ///   - seen: The generation that the reader knows of each row. It is brought up to date.
  /// - Returns: The first row that was not looked at; nil after the last row.
  /// - Complexity: O(`range`), and O(bytes) for what is copied.
  @discardableResult
  mutating func copyRows(
    _ range: Range<Int>, _ choice: RowCopy.Choice, notesSaved: Bool, seen: inout [UInt32],
    into copy: inout RowCopy
  ) -> Int? {
    let count = series.rows.count
    let end = min(range.upperBound, count)
    if seen.count < end { seen.append(contentsOf: repeatElement(0, count: end - seen.count)) }
    if notesSaved { gauges.notesUnsaved = true }
    for row in range.lowerBound..<max(range.lowerBound, end) {
      if copy.isFull { return row }
      let life = series.rows.life(row)
      let isNew = life.generation != seen[row]
      if isNew && seen[row] & 1 == 1 && !life.isLive { copy.remove(row) }
      seen[row] = life.generation
      guard life.isLive else { continue }
      switch choice {
      case .changed(let since):
        if !isNew && life.tick < since && !(notesSaved && gauges.unsaved.contains(row)) {
          continue
        }
      case .all: break
      }
      copyRow(row, life, isNew: isNew || choice.isAll, notesSaved: notesSaved, into: &copy)
    }
    if end < count { return end }
    // Chunks at the end of the table were given back, with rows that the reader knows.
    for row in min(count, seen.count)..<seen.count where seen[row] & 1 == 1 { copy.remove(row) }
    seen.removeLast(max(0, seen.count - count))
    return nil
  }

  /// Copies the series of some rows that the reader knows, as if they were new to it.
  ///
  /// - Parameter seen: The generation that the reader knows of each row.
  /// - Returns: As above.
  mutating func copyKnown(_ range: Range<Int>, seen: [UInt32], into copy: inout RowCopy) -> Int? {
    let end = min(range.upperBound, series.rows.count, seen.count)
    for row in range.lowerBound..<max(range.lowerBound, end) {
      if copy.isFull { return row }
      let life = series.rows.life(row)
      guard life.isLive, life.generation == seen[row] else { continue }
      copyRow(row, life, isNew: true, notesSaved: false, into: &copy)
    }
    return end < min(series.rows.count, seen.count) ? end : nil
  }

  @inline(__always)
  private mutating func copyRow(
    _ row: Int, _ life: RowLife, isNew: Bool, notesSaved: Bool, into copy: inout RowCopy
  ) {
    if kind == .gauge {
      copyGauge(
        RowLease(row: row, generation: life.generation), isNew: isNew, notesSaved: notesSaved,
        into: &copy)
    } else {
      copy.append(row, of: self, isNew: isNew)
    }
    if keepsMore || kind == .set { copyMore(row, notesSaved: notesSaved, into: &copy) }
  }

  /// Copies a gauge with the values of its owners. Its own value is brought up to date first, so that
  /// nobody has to compute it again, who would not know of a text value that came later.
  private mutating func copyGauge(
    _ lease: RowLease, isNew: Bool, notesSaved: Bool, into copy: inout RowCopy
  ) {
    if let value = gauges.mergeOne(lease) {
      var cells = series.rows.row(lease.row)
      cells[ClassTable.sumCell] = value
    }
    copy.append(lease.row, of: self, isNew: isNew)
    if let group = gauges.reading(of: lease) {
      copy.append(group)
    } else if !isNew, gauges.unsaved.contains(lease.row) {
      // The last value was removed, and a text value keeps the series.
      copy.append(GaugeGroups.Reading.none)
    }
    if notesSaved { gauges.unsaved.remove(lease.row) }
  }

  /// Copies what the class keeps beside a row.
  private mutating func copyMore(_ row: Int, notesSaved: Bool, into copy: inout RowCopy) {
    copy.append(
      native: observations.native(row), summary: observations.summary(row),
      set: kind == .set ? sets.window(row) : nil,
      settings: settings.isKept ? settings[row] : nil)
    guard notesSaved else { return }
    observations.noteSaved(row)
    if kind == .set { sets.noteSaved(row) }
  }
}

extension RowCopy.Choice {
  var isAll: Bool {
    if case .all = self { true } else { false }
  }
}

extension RowCopy {
  fileprivate mutating func remove(_ row: Int) { removed.append(UInt32(row)) }

  /// Removes all series that a reader knows.
  mutating func remove(allOf seen: [UInt32]) {
    for row in seen.indices where seen[row] & 1 == 1 { remove(row) }
  }

  fileprivate mutating func append(_ row: Int, of table: borrowing ClassTable, isNew: Bool) {
    let start = UInt32(text.count)
    var born: UInt32 = 0
    if isNew {
      let place = table.series.place(of: row)
      born = table.series.names.born(place)
      table.series.names.append(place, to: &text)
    }
    rows.append(Row(index: UInt32(row), text: start..<UInt32(text.count), born: born))
    let values = table.series.rows.cells(of: row)
    for cell in 0..<width { cells.append(values[cell]) }
  }

  /// Adds the owners' values of the gauge that was appended last.
  fileprivate mutating func append(_ group: GaugeGroups.Reading) {
    gauges.append((rows.count - 1, group))
  }

  fileprivate mutating func append(
    native: NativeHistogram?, summary: SummaryWindow?, set: SetWindow?, settings: GaugeSettings?
  ) {
    if let native { natives.append(native) }
    if let summary { summaries.append(summary) }
    if let set { sets.append(set) }
    if let settings { self.settings.append(settings) }
  }
}
