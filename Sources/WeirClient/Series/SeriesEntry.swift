import WeirPush

/// The storage of a series' values.
enum SeriesCell: Sendable {
  case counter(CounterCell)
  case gauge(GaugeCell)
  case histogram(HistogramCell)

  /// Whether the application has removed the series.
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

  /// Closes the cell, so that nothing more is recorded.
  func close() {
    switch self {
    case .counter(let cell): cell.gate.close()
    case .gauge(let cell): cell.gate.close()
    case .histogram(let cell): cell.gate.close()
    }
  }

  /// Resets the cell. No other thread may record at the same time.
  func reset() {
    switch self {
    case .counter(let cell): cell.reset()
    case .gauge(let cell): cell.reset()
    case .histogram(let cell): cell.reset()
    }
  }
}

/// A series, whose name and labels are encoded once, and its cell.
struct SeriesEntry: Sendable {
  let series: PushFrameWriter.Series
  let cell: SeriesCell
  /// When the series was created, on the monotonic clock; 0 if it is as old as the instance.
  var madeNanoseconds: UInt64 = 0
}

/// The unit and the help text of a metric.
struct MetricText: Sendable, Equatable {
  var name: PushFrameWriter.Text
  var unit: PushFrameWriter.Text?
  var help: PushFrameWriter.Text?
}
