import WeirWire

/// What a series records into.
enum SeriesCell: Sendable {
  case counter(CounterCell)
  case gauge(GaugeCell)
  case histogram(HistogramCell)
}

/// A series with what it records into; its name and labels are made into bytes once.
struct SeriesEntry: Sendable {
  let series: PushFrameWriter.Series
  let cell: SeriesCell
}

/// What is said of a metric.
struct MetricText: Sendable, Equatable {
  var name: PushFrameWriter.Text
  var unit: PushFrameWriter.Text?
  var help: PushFrameWriter.Text?
}
