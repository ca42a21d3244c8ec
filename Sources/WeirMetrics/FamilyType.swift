/// The type of all series of one name, as readers see it. What is counted has a `MetricKind` and an observer;
/// what is shown as it was pushed has only this.
package enum FamilyType: Sendable {
  case counter
  case gauge
  case histogram
  case summary
  case unknown

  package var word: StaticString {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    case .summary: "summary"
    case .unknown: "unknown"
    }
  }

  /// Whether its samples have names of their own, such as `name_sum`.
  package var isObservations: Bool { self == .histogram || self == .summary }
}

extension SeriesClass {
  /// What its series are to readers.
  package var familyType: FamilyType {
    switch kind {
    case .counter: .counter
    case .gauge, .set: .gauge
    case .histogram: observer.summary == nil ? .histogram : .summary
    }
  }
}
