import WeirMetrics

/// A sample of a line as it is applied, and the series that it is applied to.
struct ReadSample: Equatable {
  /// The series as a scrape shows it: `name{label="value"}`.
  let spelling: [UInt8]
  /// The length of the name in `spelling`.
  let nameLength: Int
  /// The kind of the series.
  let kind: MetricKind
  /// Numbers in their final unit, or for sets the bits of members' hashes.
  let values: [Double]
  /// The weight of each value of a histogram.
  let weight: Double
  /// Whether values are added to a gauge.
  let isRelative: Bool

  /// The name without quotes.
  var name: [UInt8] { SpelledName.raw(spelling[..<nameLength]) }
}
