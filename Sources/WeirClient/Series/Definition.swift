import WeirMetrics
import WeirPush

/// The properties that all series of a name share.
enum Definition: Equatable, Sendable {
  case counter
  case gauge(GaugeMerge)
  case histogram(HistogramBounds)

  var kind: String {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }

  /// A new cell of this kind.
  func makeCell() -> SeriesCell {
    switch self {
    case .counter: .counter(CounterCell())
    case .gauge(let merge): .gauge(GaugeCell(merge: merge))
    case .histogram(let bounds): .histogram(HistogramCell(bounds: bounds))
    }
  }

  /// The error if `name` is already defined as `known`; nil if both are equal.
  func conflict(with known: Definition, _ name: String) -> DefinitionError? {
    switch (self, known) {
    case _ where self == known: nil
    case (.gauge(let merge), .gauge(let before)):
      DefinitionError(
        description: "\(name) already has the merge \(before), not \(merge); "
          + "use the same merge everywhere, or choose another name")
    case (.histogram(let bounds), .histogram(let before)):
      DefinitionError(
        description: "\(name) already has the bounds \(before.upper), not \(bounds.upper); "
          + "use the same bounds everywhere, or choose another name")
    default:
      DefinitionError(
        description: "\(name) is already a \(known.kind); choose another name for the \(kind)")
    }
  }
}

/// A series requested by the application.
struct SeriesRequest: Sendable {
  let series: PushFrameWriter.Series
  let name: String
  let definition: Definition
  let unit: String?
  let help: String?

  /// - Throws: `DefinitionError` for an invalid name of the metric or of a label.
  init(
    _ name: String, _ labels: [String: String], _ definition: Definition, unit: String?,
    help: String?
  ) throws(DefinitionError) {
    try Names.check(metric: name)
    for label in labels.keys.sorted() {
      try Names.check(label: label, of: name)
      if label == "le", case .histogram = definition {
        throw DefinitionError(
          description: "\(name) cannot have the label le, which histograms use for the bounds of "
            + "buckets; choose another name")
      }
    }
    let sorted = labels.sorted { $0.key < $1.key }
    series = PushFrameWriter.Series(name, labels: sorted.map { .init($0.key, $0.value) })
    self.name = name
    self.definition = definition
    self.unit = unit
    self.help = help
  }
}
