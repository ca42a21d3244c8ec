import WeirMetrics

/// The types of a `# TYPE` line that Weir uses.
package enum ExposedType: Sendable, CaseIterable {
  case counter
  case gauge
  case histogram
  case summary
  /// A metric whose type its sender did not say, and in OpenMetrics a counter whose name does not end in
  /// `_total`, which OpenMetrics requires.
  case unknown

  /// Its word in OpenMetrics. The older format has another one for `unknown`.
  package var word: StaticString { familyType.word }

  /// Whether its samples have names of their own, such as `name_sum`.
  package var isObservations: Bool { familyType.isObservations }

  package var familyType: FamilyType {
    switch self {
    case .counter: .counter
    case .gauge: .gauge
    case .histogram: .histogram
    case .summary: .summary
    case .unknown: .unknown
    }
  }

  /// The names that a family of this type uses in any format.
  func namesTaken(by name: [UInt8]) -> [[UInt8]] {
    FamilyNames.taken(by: name, isObservations: isObservations)
  }
}
