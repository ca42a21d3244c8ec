import WeirBytes
import WeirMetrics

/// The families in the order in which a scrape shows them.
///
/// It is kept from scrape to scrape, so that only series made since the last one are sorted. The
/// ingest path does not use it.
package struct Catalog: Sendable {
  /// Sorted by name.
  package private(set) var families: [SeriesFamily] = []
  private var positions: [[UInt8]: Int] = [:]
  /// The rows as of the last update, by class.
  private var seen: [SeenClass] = []
  /// The versions of the tables, by shard and class.
  private var versions: [[Int]] = []

  package init() {}

  /// The kind of the family with this name; nil if there is none.
  package func kind(of name: [UInt8]) -> MetricKind? { positions[name].map { families[$0].kind } }

  /// Removes the series that have expired, and adds those that are new.
  ///
  /// - Precondition: each call gets the same aggregator.
  /// - Complexity: O(classes) if no series was made or has expired. Otherwise O(series) of the
  ///   changed classes plus O(families), and O(n log m) for n new series among m.
  package mutating func update(from aggregator: Aggregator) {
    if versions.isEmpty { versions = aggregator.shards.map { _ in [] } }
    let rosters = aggregator.rosters(changedSince: &versions)
    if rosters.isEmpty { return }
    var changed: [ClassID: [ShardRoster]] = [:]
    var withGone: Set<ClassID> = []
    var born: [SeriesLease] = []
    for roster in rosters {
      changed[roster.classID] = roster.shards
      if seen.count <= roster.classID.index {
        let missing = roster.classID.index + 1 - seen.count
        seen.append(contentsOf: repeatElement(SeenClass(), count: missing))
      }
      let change = seen[roster.classID.index].update(roster)
      born += change.born
      if change.isAnyGone { withGone.insert(roster.classID) }
    }
    if !withGone.isEmpty { removeGone(of: withGone, changed) }
    // Last, because a name may have come back with another class.
    let familiesBefore = families.count
    for lease in born {
      if let shards = changed[lease.classID] { add(lease, shards[lease.handle.shard]) }
    }
    for index in families.indices where families[index].hasAdded {
      if let shards = changed[families[index].classID] { families[index].mergeAdded(shards) }
    }
    if families.count > familiesBefore { sortFamilies() }
  }

  private mutating func removeGone(
    of classes: Set<ClassID>, _ rosters: [ClassID: [ShardRoster]]
  ) {
    for index in families.indices where classes.contains(families[index].classID) {
      guard let shards = rosters[families[index].classID] else { continue }
      families[index].removeSeries { lease in
        let generations = shards[lease.handle.shard].generations
        return lease.handle.row >= generations.count
          || generations[lease.handle.row] != lease.generation
      }
    }
    dropEmptyFamilies()
  }

  private mutating func dropEmptyFamilies() {
    families.removeAll { $0.series.isEmpty }
    positions.removeAll(keepingCapacity: true)
    for index in families.indices { positions[families[index].name] = index }
  }

  private mutating func add(_ lease: SeriesLease, _ roster: ShardRoster) {
    let name = familyName(of: roster.spelling(lease.handle.row))
    if let position = positions[name] {
      families[position].add(lease)
    } else if let seriesClass = roster.seriesClass {
      positions[name] = families.count
      var family = SeriesFamily(name: name, lease.classID, seriesClass)
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

/// The content of the rows of one class at the last update.
private struct SeenClass: Sendable {
  /// For each row of each shard.
  private var generations: [[UInt32]] = []

  struct Change {
    /// Series that are new.
    var born: [SeriesLease] = []
    var isAnyGone = false
  }

  mutating func update(_ roster: ClassRoster) -> Change {
    var change = Change()
    if generations.isEmpty { generations = roster.shards.map { _ in [] } }
    for (shard, rows) in roster.shards.enumerated() {
      let before = generations[shard]
      // A generation is odd while a series holds the row.
      for (row, generation) in rows.generations.enumerated()
      where row >= before.count || before[row] != generation {
        if row < before.count && before[row] & 1 == 1 { change.isAnyGone = true }
        guard generation & 1 == 1 else { continue }
        change.born.append(
          SeriesLease(
            handle: SeriesHandle(shard: shard, row: row), generation: generation,
            classID: roster.classID))
      }
      if before.dropFirst(rows.generations.count).contains(where: { $0 & 1 == 1 }) {
        change.isAnyGone = true
      }
      generations[shard] = rows.generations
    }
    return change
  }
}
