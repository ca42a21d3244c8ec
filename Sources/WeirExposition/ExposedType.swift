import WeirMetrics

/// The types of a `# TYPE` line that Weir uses.
package enum ExposedType: Sendable {
  case counter
  case gauge
  case histogram
  case summary
  /// OpenMetrics only: a counter whose name does not end in `_total`, which OpenMetrics requires.
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

  /// The names that a family of this type uses in any format.
  func namesTaken(by name: [UInt8]) -> [[UInt8]] {
    FamilyNames.taken(by: name, isObservations: self == .histogram || self == .summary)
  }
}
