import WeirMetrics
import WeirPush

/// The series that an application has asked for, each once.
struct Registry: Sendable {
  /// Bytes of a series' name and labels: what Weir reads of a series at most.
  static let seriesBytesMax = 4_096

  /// A gauge whose value is read before each flush.
  struct Function: Sendable {
    let cell: GaugeCell
    let read: @Sendable () -> Double
  }

  private let seriesMax: Int
  private var definitions: [PushFrameWriter.Text: Definition] = [:]
  private var places: [PushFrameWriter.Series: Int] = [:]
  /// In the order in which they were made, so that who has seen some finds the others behind. Those that
  /// were removed stay: who asks for one again goes on from its total.
  private(set) var entries: [SeriesEntry] = []
  private(set) var texts: [MetricText] = []
  private(set) var functions: [ObjectIdentifier: Function] = [:]
  private var described: Set<PushFrameWriter.Text> = []
  private var removedCount = 0
  private var isClosed = false

  init(seriesMax: Int) { self.seriesMax = seriesMax }

  /// What a series records into; nil where there is no room for another.
  ///
  /// - Throws: `DefinitionError` where the name is defined in another way already.
  mutating func cell(
    of request: SeriesRequest, madeNanoseconds: UInt64
  ) throws(DefinitionError) -> SeriesCell? {
    let known = definitions[request.series.name]
    if let known, let error = request.definition.conflict(with: known, request.name) {
      throw error
    }
    if let place = places[request.series] {
      let cell = entries[place].cell
      if cell.isRemoved {
        cell.setRemoved(false)
        removedCount -= 1
      }
      return cell
    }
    // As many again may have been removed.
    guard entries.count - removedCount < seriesMax, entries.count < 2 * seriesMax,
      request.series.textBytes <= Registry.seriesBytesMax
    else { return nil }
    definitions[request.series.name] = request.definition
    describe(request)
    let cell = request.definition.makeCell()
    if isClosed { cell.close() }
    places[request.series] = entries.count
    entries.append(
      SeriesEntry(series: request.series, cell: cell, madeNanoseconds: madeNanoseconds))
    return cell
  }

  /// Keeps what is said of a metric, from the first who says it.
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

  /// Reads a gauge by `read` from now on, or no more.
  mutating func setFunction(of cell: GaugeCell, _ read: (@Sendable () -> Double)?) {
    guard !isClosed, !cell.gate.isSurplus else { return }
    functions[ObjectIdentifier(cell)] = read.map { Function(cell: cell, read: $0) }
  }

  /// Frees the place of a series. A total is kept, a gauge's value goes.
  mutating func remove(_ cell: SeriesCell) {
    if case .gauge(let gauge) = cell {
      functions[ObjectIdentifier(gauge)] = nil
      gauge.remove()
    }
    guard !cell.isRemoved else { return }
    cell.setRemoved(true)
    removedCount += 1
  }

  /// Removes every series of a name, or every one.
  mutating func removeAll(named name: PushFrameWriter.Text? = nil) {
    for entry in entries where name == nil || entry.series.name == name { remove(entry.cell) }
  }

  /// Lets nothing be recorded any more, and reads nothing.
  mutating func close() {
    isClosed = true
    functions = [:]
    for entry in entries { entry.cell.close() }
  }

  /// All series begin at nothing again, while no other thread records.
  func reset() {
    for entry in entries { entry.cell.reset() }
  }
}
