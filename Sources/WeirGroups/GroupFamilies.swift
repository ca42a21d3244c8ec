import WeirExposition
import WeirMetrics

/// Families by name.
typealias GroupFamilies = [[UInt8]: PushedFamily]

extension PushedFamily {
  /// What it takes in memory or as text, whichever is more, roughly and never less than its text.
  var bytes: Int {
    // A help text may be all escapes.
    series.reduce(96 + 2 * name.count + 2 * help.utf8.count) { $0 + $1.bytes }
  }
}

extension PushedSeries {
  /// Bytes of a line besides its name and labels, at most: a suffix, a bound or a quantile, and a value.
  private static let lineBytes = 72

  /// With the entry that says which group has it. In text each bucket and quantile repeats name and labels.
  fileprivate var bytes: Int {
    let lines =
      switch value {
      case .number: 1
      case .histogram(let histogram): histogram.buckets.count + 2
      case .summary(let summary): summary.quantiles.count + 2
      }
    return 128 + lines * (spelling.count + PushedSeries.lineBytes)
  }
}

extension GroupFamilies {
  var seriesCount: Int { values.reduce(0) { $0 + $1.series.count } }
  var bytes: Int { values.reduce(0) { $0 + $1.bytes } }
}
