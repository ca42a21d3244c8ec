import WeirMetrics

/// How many samples met each limit, by name: a table that no sender makes longer than it may be.
package struct LimitTally: Sendable {
  /// Names that each limit is counted under; those that come later are counted together.
  package static let namesMax = 100

  package struct Count: Sendable, Equatable {
    package var refused = 0
    /// Samples that went to their name's overflow series.
    package var overflowed = 0

    package init(refused: Int = 0, overflowed: Int = 0) {
      self.refused = refused
      self.overflowed = overflowed
    }
  }

  /// By `Limit.rawValue`, then by name; an empty name stands for all that have no row of their own.
  private var counts = [[[UInt8]: Count]](
    repeating: [[]: Count()], count: Limit.allCases.count)

  mutating func add(_ limit: Limit, name: ArraySlice<UInt8>, overflows: Bool) {
    let table = Int(limit.rawValue)
    var row = Array(name)
    // The row of no name is there from the start.
    if counts[table].count > LimitTally.namesMax, counts[table][row] == nil { row = [] }
    if overflows {
      counts[table][row, default: Count()].overflowed += 1
    } else {
      counts[table][row, default: Count()].refused += 1
    }
  }

  /// The rows of a limit, sorted by name, that of no name first.
  ///
  /// - Complexity: O(n log n) in at most `namesMax` names.
  package func rows(_ limit: Limit) -> [(name: [UInt8], count: Count)] {
    counts[Int(limit.rawValue)].map { (name: $0.key, count: $0.value) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}
