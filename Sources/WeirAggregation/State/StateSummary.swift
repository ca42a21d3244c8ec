import WeirMetrics

/// What a state file has, in numbers: `weir state check`.
package struct StateSummary: Sendable {
  /// Series by `MetricKind.index`.
  private var series = [Int](repeating: 0, count: MetricKind.allCases.count)
  package private(set) var names = 0
  /// Instances that may send again at any time, and those that have ended or are retired.
  package private(set) var ownersLive = 0
  package private(set) var ownersRetired = 0
  package private(set) var metas = 0
  package private(set) var bytes = 0
  package private(set) var groups = 0
  /// The wall clock at the last commit, in milliseconds since 1970; nil if there was none.
  package private(set) var committedMilliseconds: UInt64?
  /// Why the file cannot be used; nil if it can.
  package private(set) var damage: String?

  /// - Complexity: O(bytes).
  package init(_ image: StateImage) {
    bytes = image.byteCount
    groups = image.groupCount
    damage = image.damage
    committedMilliseconds = image.times?.wallMilliseconds
    metas = image.metas.count
    var seen = Set<ArraySlice<UInt8>>()
    for table in image.tables {
      series[table.seriesClass.kind.index] += table.liveCount
      for row in table.rows where row.isAlive { seen.insert(image.bytes[row.name]) }
    }
    names = seen.count
    for (_, block) in image.owners {
      guard let saved = try? StateOwner(image.bytes.span, block) else { continue }
      if saved.owner.isRetired || saved.owner.isFinished {
        ownersRetired += 1
      } else {
        ownersLive += 1
      }
    }
  }

  /// The number of series of a kind.
  package func series(_ kind: MetricKind) -> Int { series[kind.index] }

  package var seriesCount: Int { series.reduce(0, +) }
}
