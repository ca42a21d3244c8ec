import WeirPush

/// What a series records into.
enum SeriesCell: Sendable {
  case counter(CounterCell)
  case gauge(GaugeCell)
  case histogram(HistogramCell)

  /// Whether the application has no more use for it.
  var isRemoved: Bool {
    switch self {
    case .counter(let cell): cell.gate.isRemoved
    case .gauge(let cell): cell.gate.isRemoved
    case .histogram(let cell): cell.gate.isRemoved
    }
  }

  func setRemoved(_ isRemoved: Bool) {
    switch self {
    case .counter(let cell): cell.gate.setRemoved(isRemoved)
    case .gauge(let cell): cell.gate.setRemoved(isRemoved)
    case .histogram(let cell): cell.gate.setRemoved(isRemoved)
    }
  }

  /// Lets nothing be recorded any more.
  func close() {
    switch self {
    case .counter(let cell): cell.gate.close()
    case .gauge(let cell): cell.gate.close()
    case .histogram(let cell): cell.gate.close()
    }
  }

  /// Begins at nothing again, while no other thread records.
  func reset() {
    switch self {
    case .counter(let cell): cell.reset()
    case .gauge(let cell): cell.reset()
    case .histogram(let cell): cell.reset()
    }
  }
}

/// A series with what it records into; its name and labels are made into bytes once.
struct SeriesEntry: Sendable {
  let series: PushFrameWriter.Series
  let cell: SeriesCell
  /// When it was made, by the clock that ages are taken from. 0 for one that is as old as its instance.
  var madeNanoseconds: UInt64 = 0
}

/// What is said of a metric.
struct MetricText: Sendable, Equatable {
  var name: PushFrameWriter.Text
  var unit: PushFrameWriter.Text?
  var help: PushFrameWriter.Text?
}
