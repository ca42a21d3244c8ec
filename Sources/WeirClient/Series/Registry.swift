import WeirMetrics
import WeirWire

/// The series that an application has asked for, each once.
struct Registry: Sendable {
  /// Bytes of a series' name and labels: what Weir reads of a series at most.
  static let seriesBytesMax = 4_096

  private enum Kind: UInt8 { case counter, gauge, histogram }

  private struct Key: Hashable {
    let kind: Kind
    let series: PushFrameWriter.Series
  }

  private let seriesMax: Int
  private var places: [Key: Int] = [:]
  /// In the order in which they were made, so that who has seen some finds the others behind.
  private(set) var entries: [SeriesEntry] = []
  private(set) var texts: [MetricText] = []
  private var described: Set<PushFrameWriter.Text> = []

  init(seriesMax: Int) { self.seriesMax = seriesMax }

  /// The cell of a counter; nil where there is no room for another series.
  mutating func counter(_ series: PushFrameWriter.Series) -> CounterCell? {
    let place = place(of: series, .counter) { .counter(CounterCell()) }
    if let place, case .counter(let cell) = entries[place].cell { return cell }
    return nil
  }

  /// The cell of a gauge, whose merge is that of the first who asked for it.
  mutating func gauge(_ series: PushFrameWriter.Series, _ merge: GaugeMerge) -> GaugeCell? {
    let place = place(of: series, .gauge) { .gauge(GaugeCell(merge: merge)) }
    if let place, case .gauge(let cell) = entries[place].cell { return cell }
    return nil
  }

  /// The cell of a histogram, whose bounds are those of the first who asked for it.
  mutating func histogram(
    _ series: PushFrameWriter.Series, _ bounds: HistogramBounds
  ) -> HistogramCell? {
    let place = place(of: series, .histogram) { .histogram(HistogramCell(bounds: bounds)) }
    if let place, case .histogram(let cell) = entries[place].cell { return cell }
    return nil
  }

  /// Keeps what is said of a metric, from the first who says it.
  mutating func describe(_ name: PushFrameWriter.Text, unit: String?, help: String?) {
    guard unit != nil || help != nil, described.count < seriesMax,
      described.insert(name).inserted
    else { return }
    texts.append(
      MetricText(
        name: name, unit: unit.map(PushFrameWriter.Text.init),
        help: help.map { PushFrameWriter.Text($0) }))
  }

  private mutating func place(
    of series: PushFrameWriter.Series, _ kind: Kind, _ make: () -> SeriesCell
  ) -> Int? {
    let key = Key(kind: kind, series: series)
    if let place = places[key] { return place }
    guard entries.count < seriesMax, !series.name.bytes.isEmpty,
      series.textBytes <= Registry.seriesBytesMax
    else { return nil }
    places[key] = entries.count
    entries.append(SeriesEntry(series: series, cell: make()))
    return entries.count - 1
  }

  /// All series begin at nothing again, while no other thread records.
  func reset() {
    for entry in entries {
      switch entry.cell {
      case .counter(let cell): cell.reset()
      case .gauge(let cell): cell.reset()
      case .histogram(let cell): cell.reset()
      }
    }
  }
}
