import WeirMetrics

/// Counts how many samples met each limit, by name. Senders can't make the table longer than its
/// bound.
package struct LimitTally: Sendable {
  /// The most names that have a row of their own per limit. All later names share one row.
  package static let namesMax = 100

  package struct Count: Sendable, Equatable {
    package var refused = 0
    /// Samples that went to their name's overflow series.
    package var overflowed = 0

    package init(refused: Int = 0, overflowed: Int = 0) {
      self.refused = refused
      self.overflowed = overflowed
    }

    mutating func add(_ other: Count) {
      refused += other.refused
      overflowed += other.overflowed
    }
  }

  private struct Table {
    var byName: [HashedName: Count] = [:]
    /// Samples without a name, and samples of names that have no row of their own.
    var others = Count()
  }

  /// By `LimitName.rawValue`.
  private var tables = [Table](repeating: Table(), count: LimitName.allCases.count)

  mutating func add(_ limit: LimitName, name: HashedName, overflows: Bool) {
    let place = overflows ? \Count.overflowed : \Count.refused
    let table = Int(limit.rawValue)
    let hasRow =
      tables[table].byName.count < LimitTally.namesMax
      || tables[table].byName[name] != nil
    if hasRow && !name.bytes.isEmpty {
      tables[table].byName[name, default: Count()][keyPath: place] += 1
    } else {
      tables[table].others[keyPath: place] += 1
    }
  }

  /// Adds what another one has counted. A name that has no row here counts among the others if there is no room.
  mutating func add(_ other: LimitTally) {
    for index in tables.indices {
      tables[index].others.add(other.tables[index].others)
      for (name, count) in other.tables[index].byName {
        if tables[index].byName.count < LimitTally.namesMax
          || tables[index].byName[name] != nil
        {
          tables[index].byName[name, default: Count()].add(count)
        } else {
          tables[index].others.add(count)
        }
      }
    }
  }

  /// The rows of a limit, sorted by name. The first row has no name, and counts all samples without
  /// a row of their own.
  ///
  /// - Complexity: O(n log n) in at most `namesMax` names.
  package func rows(_ limit: LimitName) -> [(name: [UInt8], count: Count)] {
    let table = tables[Int(limit.rawValue)]
    let named = table.byName.map { (name: $0.key.bytes, count: $0.value) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    return [(name: [], count: table.others)] + named
  }
}
