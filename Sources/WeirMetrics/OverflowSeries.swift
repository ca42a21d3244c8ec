/// The one series of a name that takes what found no place among the others:
/// `name{weir_overflow="true"}`.
///
/// No sender can spell it, for a label of theirs that begins with `weir_` is renamed.
package enum OverflowSeries {
  /// What stands behind the name.
  package static let labels = Array(#"{weir_overflow="true"}"#.utf8)

  /// Whether a kind has one. A gauge's last value would be that of one series or another by chance,
  /// and a change would be added to a value that it was not meant for.
  package static func suits(_ kind: MetricKind) -> Bool {
    switch kind {
    case .counter, .histogram, .set: true
    case .gauge: false
    }
  }

  /// The spelling of a name's overflow series.
  package static func spelling(of name: [UInt8]) -> [UInt8] { name + labels }
}
