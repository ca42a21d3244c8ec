import WeirMetrics

/// The types that a `# TYPE` line can name, as far as Weir has them.
package enum ExposedType: Sendable {
  case counter
  case gauge
  case histogram
  case summary
  /// OpenMetrics only: a counter whose name lacks the `_total` that it demands.
  case unknown

  var word: StaticString {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    case .summary: "summary"
    case .unknown: "unknown"
    }
  }

  /// The names that a family of this type takes in any format.
  func namesTaken(by name: [UInt8]) -> [[UInt8]] {
    FamilyNames.taken(by: name, isObservations: self == .histogram || self == .summary)
  }
}
