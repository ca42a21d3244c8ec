import WeirMetrics
import WeirPush

/// The series of the application, each once.
struct Registry: Sendable {
  /// Bytes of a series' name and labels, the limit of Weir.
  static let seriesBytesMax = 4_096

  /// A gauge whose value comes from a function.
  struct Function: Sendable {
    let cell: GaugeCell
    let read: @Sendable () -> Double
  }

  private let seriesMax: Int
  private var definitions: [PushFrameWriter.Text: Definition] = [:]
  /// The index in `entries` of each series.
  private var indices: [PushFrameWriter.Series: Int] = [:]
  /// In order of creation, so that new entries are always at the end. Removed entries stay, because
  /// a new handle for the same series continues from its total.
  private(set) var entries: [SeriesEntry] = []
  private(set) var texts: [MetricText] = []
  private(set) var functions: [ObjectIdentifier: Function] = [:]
  private var described: Set<PushFrameWriter.Text> = []
  private var removedCount = 0
  private var isClosed = false

  init(seriesMax: Int) { self.seriesMax = seriesMax }

  /// The cell of a series, new or existing; nil if a limit is exceeded.
  ///
  /// - Throws: `DefinitionError` if the name already has another definition.
  mutating func cell(
    of request: SeriesRequest, madeNanoseconds: UInt64
  ) throws(DefinitionError) -> SeriesCell? {
    let known = definitions[request.series.name]
    if let known, let error = request.definition.conflict(with: known, request.name) {
      throw error
    }
    if let index = indices[request.series] {
      let cell = entries[index].cell
      if cell.isRemoved {
        cell.setRemoved(false)
        removedCount -= 1
      }
      return cell
    }
    // Removed entries may be as many again.
    guard entries.count - removedCount < seriesMax, entries.count < 2 * seriesMax,
      request.series.textBytes <= Registry.seriesBytesMax
    else { return nil }
    definitions[request.series.name] = request.definition
    describe(request)
    let cell = request.definition.makeCell()
    if isClosed { cell.close() }
    indices[request.series] = entries.count
    entries.append(
      SeriesEntry(series: request.series, cell: cell, madeNanoseconds: madeNanoseconds))
    return cell
  }

  /// Stores the unit and help of a metric from the first request that has them.
  private mutating func describe(_ request: SeriesRequest) {
    let name = request.series.name
    guard request.unit != nil || request.help != nil, described.insert(name).inserted else {
      return
    }
    texts.append(
      MetricText(
        name: name, unit: request.unit.map(PushFrameWriter.Text.init),
        help: request.help.map { PushFrameWriter.Text($0) }))
  }

  /// Sets or removes the function of a gauge.
  mutating func setFunction(of cell: GaugeCell, _ read: (@Sendable () -> Double)?) {
    guard !isClosed, !cell.gate.isSurplus else { return }
    functions[ObjectIdentifier(cell)] = read.map { Function(cell: cell, read: $0) }
  }

  /// Makes room for another series. A total is kept; a gauge's value is removed.
  mutating func remove(_ cell: SeriesCell) {
    if case .gauge(let gauge) = cell {
      functions[ObjectIdentifier(gauge)] = nil
      gauge.remove()
    }
    guard !cell.isRemoved else { return }
    cell.setRemoved(true)
    removedCount += 1
  }

  /// Removes all series of a name, or all series if `name` is nil.
  mutating func removeAll(named name: PushFrameWriter.Text? = nil) {
    for entry in entries where name == nil || entry.series.name == name { remove(entry.cell) }
  }

  /// Closes all cells, so that nothing more is recorded, and removes all functions.
  mutating func close() {
    isClosed = true
    functions = [:]
    for entry in entries { entry.cell.close() }
  }

  /// Resets all series. No other thread may record at the same time.
  func reset() {
    for entry in entries { entry.cell.reset() }
  }
}
