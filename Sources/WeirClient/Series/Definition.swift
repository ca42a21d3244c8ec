import WeirMetrics
import WeirPush

/// What is the same for all series of a name.
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

  /// An empty cell of the kind.
  func makeCell() -> SeriesCell {
    switch self {
    case .counter: .counter(CounterCell())
    case .gauge(let merge): .gauge(GaugeCell(merge: merge))
    case .histogram(let bounds): .histogram(HistogramCell(bounds: bounds))
    }
  }

  /// What is wrong with defining `name` again in this way, where it is defined as `known`.
  func conflict(with known: Definition, _ name: String) -> DefinitionError? {
    switch (self, known) {
    case _ where self == known: nil
    case (.gauge(let merge), .gauge(let before)):
      DefinitionError(
        description: "\(name) is merged by \(before) already, and not by \(merge); "
          + "write the same merge everywhere, or choose another name")
    case (.histogram(let bounds), .histogram(let before)):
      DefinitionError(
        description: "\(name) has the bounds \(before.upper) already, and not \(bounds.upper); "
          + "write the same bounds everywhere, or choose another name")
    default:
      DefinitionError(
        description: "\(name) is a \(known.kind) already; choose another name for the \(kind)")
    }
  }
}

/// A series that an application asks for.
struct SeriesRequest: Sendable {
  let series: PushFrameWriter.Series
  let name: String
  let definition: Definition
  let unit: String?
  let help: String?

  /// - Throws: `DefinitionError` for a name that is none, of the metric or of a label.
  init(
    _ name: String, _ labels: [String: String], _ definition: Definition, unit: String?,
    help: String?
  ) throws(DefinitionError) {
    try Names.check(metric: name)
    for label in labels.keys.sorted() {
      try Names.check(label: label, of: name)
      if label == "le", case .histogram = definition {
        throw DefinitionError(
          description: "the label le of \(name) is the bound of a histogram's bucket; "
            + "choose another name")
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
