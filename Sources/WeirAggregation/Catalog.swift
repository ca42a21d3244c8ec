import WeirBytes
import WeirMetrics

/// The families in the order in which a scrape shows them.
///
/// Kept from scrape to scrape by whoever scrapes, so that only series made since the last one are
/// sorted, and ingest knows nothing of it.
package struct Catalog: Sendable {
  /// Sorted by name.
  package private(set) var families: [SeriesFamily] = []
  private var positions: [[UInt8]: Int] = [:]
  /// Who was seen, by kind.
  private var seen = [SeenKind](repeating: SeenKind(), count: MetricKind.allCases.count)

  package init() {}

  /// The kind of the family of this name; nil where there is none.
  package func kind(of name: [UInt8]) -> MetricKind? { positions[name].map { families[$0].kind } }

  /// Drops the series that have gone, and takes in those that are new.
  ///
  /// - Precondition: each call is given the same aggregator.
  /// - Complexity: nothing for a kind of which no series has come or gone. Otherwise O(series) of it,
  ///   and O(n log m) in its n new ones among m.
  package mutating func update(from aggregator: Aggregator) {
    var versions = seen.map(\.versions)
    let rosters = aggregator.rosters(unless: &versions)
    var born: [MetricKind: [SeriesLease]] = [:]
    var isAnyGone = false
    for kind in MetricKind.allCases {
      guard let shards = rosters[kind.index] else { continue }
      let change = seen[kind.index].update(versions[kind.index], shards)
      born[kind] = change.born
      guard change.isAnyGone else { continue }
      isAnyGone = true
      for index in families.indices where families[index].kind == kind {
        families[index].removeSeries { lease in
          let generations = shards[lease.handle.shard].generations
          return lease.handle.row >= generations.count
            || generations[lease.handle.row] != lease.generation
        }
      }
    }
    if isAnyGone { dropEmptyFamilies() }
    // Last, for a name may have come back with another kind.
    let familiesBefore = families.count
    for (kind, leases) in born {
      guard let shards = rosters[kind.index] else { continue }
      for lease in leases { add(lease, kind: kind, shards[lease.handle.shard]) }
      for index in families.indices where families[index].hasAdded {
        families[index].mergeAdded(shards)
      }
    }
    if families.count > familiesBefore { sortFamilies() }
  }

  private mutating func dropEmptyFamilies() {
    families.removeAll { $0.series.isEmpty }
    positions.removeAll(keepingCapacity: true)
    for index in families.indices { positions[families[index].name] = index }
  }

  private mutating func add(_ lease: SeriesLease, kind: MetricKind, _ roster: ShardRoster) {
    let name = familyName(of: roster.spelling(lease.handle.row))
    if let position = positions[name] {
      families[position].add(lease)
    } else {
      positions[name] = families.count
      var family = SeriesFamily(name: name, kind: kind)
      family.add(lease)
      families.append(family)
    }
  }

  private func familyName(of spelling: Spelling) -> [UInt8] {
    let series = spelling.bytes
    let end = SpelledName.length(in: series)
    return [UInt8](capacity: end) { output in
      for index in 0..<end { output.append(series[index]) }
    }
  }

  private mutating func sortFamilies() {
    families.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for index in families.indices { positions[families[index].name] = index }
  }
}

/// Who lived in the rows of one kind when they were last looked at.
private struct SeenKind: Sendable {
  /// Of each shard.
  private(set) var versions: [Int] = []
  /// Of each row of each shard.
  private var generations: [[UInt32]] = []

  struct Change {
    /// Series that were not there.
    var born: [SeriesLease] = []
    var isAnyGone = false
  }

  mutating func update(_ versions: [Int], _ rosters: [ShardRoster]) -> Change {
    var change = Change()
    if generations.isEmpty { generations = rosters.map { _ in [] } }
    for (shard, roster) in rosters.enumerated() {
      let before = generations[shard]
      // A generation is odd while a series lives in the row.
      for (row, generation) in roster.generations.enumerated()
      where row >= before.count || before[row] != generation {
        if row < before.count && before[row] & 1 == 1 { change.isAnyGone = true }
        guard generation & 1 == 1 else { continue }
        change.born.append(
          SeriesLease(handle: SeriesHandle(shard: shard, row: row), generation: generation))
      }
      if before.dropFirst(roster.generations.count).contains(where: { $0 & 1 == 1 }) {
        change.isAnyGone = true
      }
      generations[shard] = roster.generations
    }
    self.versions = versions
    return change
  }
}
