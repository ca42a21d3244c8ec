/// The series of a name that takes the samples of series above a limit:
/// `name{weir_overflow="true"}`.
///
/// No sender can use this spelling, because a sender's label that begins with `weir_` is renamed.
package enum OverflowSeries {
  /// What follows the name.
  package static let labels = Array(#"{weir_overflow="true"}"#.utf8)

  /// Whether a kind has one. A gauge would show the value of whichever series came last, and a
  /// change would be added to a value of another series.
  package static func suits(_ kind: MetricKind) -> Bool {
    switch kind {
    case .counter, .histogram, .set: true
    case .gauge: false
    }
  }

  /// The spelling of a name's overflow series.
  package static func spelling(of name: [UInt8]) -> [UInt8] { name + labels }
}
