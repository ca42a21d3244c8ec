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
  /// What was seen, by shard and kind.
  private var seen: [SeenRows] = []

  package init() {}

  /// Whether there is a family of this name.
  package func contains(_ name: [UInt8]) -> Bool { positions[name] != nil }

  /// Drops the series that have gone, and takes in those that are new in `snapshot`.
  ///
  /// - Precondition: each call is given a later snapshot of the same aggregator.
  /// - Complexity: nothing for the kinds of a shard in which no series has come or gone. Otherwise
  ///   O(rows) of it, O(n log n) in the new series, O(series) in each family that gained any, and
  ///   O(series) of a kind that has lost any.
  package mutating func update(from snapshot: Snapshot) {
    if seen.isEmpty {
      let places = snapshot.shards.count * MetricKind.allCases.count
      seen = [SeenRows](repeating: SeenRows(), count: places)
    }
    var born: [(handle: SeriesHandle, kind: MetricKind)] = []
    var isAnyGone = false
    for kind in MetricKind.allCases {
      // By shard; empty where none has gone.
      var gone: [[Bool]] = []
      for shard in snapshot.shards.indices {
        let place = shard * MetricKind.allCases.count + kind.index
        let change = seen[place].update(from: snapshot.shards[shard].columns(kind))
        born += change.born.map { (SeriesHandle(shard: shard, row: $0), kind) }
        gone.append(change.isGone)
      }
      guard gone.contains(where: { !$0.isEmpty }) else { continue }
      isAnyGone = true
      for index in families.indices where families[index].kind == kind {
        families[index].removeSeries { handle in
          let isGone = gone[handle.shard]
          return handle.row < isGone.count && isGone[handle.row]
        }
      }
    }
    if isAnyGone { dropEmptyFamilies() }
    // Last, for a name may have come back with another kind.
    let familiesBefore = families.count
    for series in born { add(series.handle, kind: series.kind, snapshot) }
    for index in families.indices where families[index].hasAdded {
      families[index].mergeAdded(snapshot)
    }
    if families.count > familiesBefore { sortFamilies() }
  }

  private mutating func dropEmptyFamilies() {
    families.removeAll { $0.series.isEmpty }
    positions.removeAll(keepingCapacity: true)
    for index in families.indices { positions[families[index].name] = index }
  }

  private mutating func add(_ handle: SeriesHandle, kind: MetricKind, _ snapshot: Snapshot) {
    let name = familyName(of: snapshot.spelling(handle, kind: kind))
    if let position = positions[name] {
      families[position].add(handle)
    } else {
      positions[name] = families.count
      var family = SeriesFamily(name: name, kind: kind)
      family.add(handle)
      families.append(family)
    }
  }

  private func familyName(of spelling: Spelling) -> [UInt8] {
    let series = spelling.bytes
    let end = series.firstIndex(
      of: BytePattern(UInt8(ascii: "{")), from: 0, to: series.count)
    return [UInt8](capacity: end) { output in
      for index in 0..<end { output.append(series[index]) }
    }
  }

  private mutating func sortFamilies() {
    families.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for index in families.indices { positions[families[index].name] = index }
  }
}

/// Who lived in the rows of one kind in one shard when they were last looked at.
private struct SeenRows: Sendable {
  private var version = 0
  private var generations: [UInt32] = []

  struct Change {
    /// Rows in which a series lives that was not there.
    var born: [Int] = []
    /// By row, whether the series that lived there has gone; empty when none has.
    var isGone: [Bool] = []
  }

  mutating func update(from columns: ShardSnapshot.Columns) -> Change {
    var change = Change()
    if columns.version == version { return change }
    version = columns.version
    let before = generations
    generations = (0..<columns.rowCount).map { columns.life($0).generation }
    // A generation is odd while a series lives in the row.
    for row in generations.indices where generations[row] & 1 == 1 {
      if row >= before.count || before[row] != generations[row] { change.born.append(row) }
    }
    let lives = before.indices.lazy.filter { before[$0] & 1 == 1 }
    for row in lives where row >= generations.count || before[row] != generations[row] {
      if change.isGone.isEmpty { change.isGone = before.map { _ in false } }
      change.isGone[row] = true
    }
    return change
  }
}
