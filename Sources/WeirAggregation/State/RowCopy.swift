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
  ///   - notesSaved: Whether windows of sets and summaries count as saved from now on.
  ///   - seen: The generation that the reader knows of each row. It is brought up to date.
  /// - Complexity: O(`range`), and O(bytes) for what is copied.
  mutating func copyRows(
    _ range: Range<Int>, _ choice: RowCopy.Choice, notesSaved: Bool, seen: inout [UInt32],
    into copy: inout RowCopy
  ) {
    let end = min(range.upperBound, series.rows.count)
    if seen.count < end { seen.append(contentsOf: repeatElement(0, count: end - seen.count)) }
    for row in range.lowerBound..<max(range.lowerBound, end) {
      let life = series.rows.life(row)
      let isNew = life.generation != seen[row]
      if isNew && seen[row] & 1 == 1 && !life.isLive { copy.remove(row) }
      seen[row] = life.generation
      guard life.isLive else { continue }
      switch choice {
      case .changed(let since): if !isNew && life.tick < since { continue }
      case .all: break
      }
      copy.append(row, of: self, isNew: isNew || choice.isAll)
      if keepsMore || kind == .set {
        copyMore(row, notesSaved: notesSaved, into: &copy)
      }
    }
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
    if table.kind == .gauge, let group = table.gauges.reading(row: row) {
      gauges.append((rows.count - 1, group))
    }
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
