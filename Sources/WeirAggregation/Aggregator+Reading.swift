import Synchronization
import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Reads series of one kind, at most `SeriesPiece.seriesMax` of them, as they stand now.
  ///
  /// - Parameter leases: Of a `Catalog`; those that have expired since are marked as gone.
  /// - Complexity: O(leases). Each shard is locked once, for its share of them.
  package func read(
    _ leases: ArraySlice<SeriesLease>, kind: MetricKind, into piece: inout SeriesPiece
  ) {
    precondition(leases.count <= SeriesPiece.seriesMax)
    let clock = ContinuousClock()
    piece.begin(count: leases.count, width: ShardState.valueCells(kind, bounds: bounds))
    if kind == .set { piece.beginSets() }
    if kind == .histogram { piece.beginObservations(observations) }
    let tick = self.clock.load(ordering: .relaxed)
    // Which of them a shard has, shard by shard.
    let positions = leases.indices.sorted { leases[$0].handle.shard < leases[$1].handle.shard }
    var rest = positions[...]
    while let first = rest.first {
      let shard = leases[first].handle.shard
      let here = rest.prefix { leases[$0].handle.shard == shard }
      rest = rest.dropFirst(here.count)
      let locked = shards[shard].state.withLock { state in
        let start = clock.now
        state.read(leases, at: here, kind: kind, tick: tick, into: &piece)
        return clock.now - start
      }
      piece.lockedLongest = max(piece.lockedLongest, locked)
    }
  }

  /// Reads a family piece by piece, and lends what lives of it in order: the piece, and where in it.
  ///
  /// - Complexity: O(series of the family).
  package func forEachSeries(of family: SeriesFamily, _ body: (SeriesPiece, Int) -> Void) {
    var piece = SeriesPiece()
    var rest = family.series[...]
    while !rest.isEmpty {
      let some = rest.prefix(SeriesPiece.seriesMax)
      rest = rest.dropFirst(some.count)
      read(some, kind: family.kind, into: &piece)
      for index in piece.indices where piece.isAlive(index) { body(piece, index) }
    }
  }

  /// How many series of each kind there are, and have expired since the start.
  ///
  /// - Complexity: O(shards).
  package func counts() -> SeriesCounts {
    var counts = SeriesCounts()
    for shard in shards { shard.state.withLock { $0.add(to: &counts) } }
    return counts
  }

  /// Who lives in which row, by kind and shard; nil for a kind that has not changed since `versions`,
  /// by kind and shard, which are brought up to date.
  ///
  /// Nobody expires and no spelling moves meanwhile, so that no name has two kinds. A series that comes
  /// meanwhile may be missing; the version then is one from before it came.
  ///
  /// - Complexity: O(rows of the kinds that have changed), a shard being locked for `rosterRowsMax` of
  ///   them at a time.
  func rosters(unless versions: inout [[Int]]) -> [[ShardRoster]?] {
    lastSweep.withLock { _ in
      MetricKind.allCases.map { kind in
        let now = shards.map { shard in shard.state.withLock { $0.version(kind) } }
        if now == versions[kind.index] { return nil }
        versions[kind.index] = now
        return shards.map { roster($0, kind) }
      }
    }
  }

  private func roster(_ shard: Shard, _ kind: MetricKind) -> ShardRoster {
    var roster = ShardRoster()
    var isWhole = false
    while !isWhole {
      isWhole = shard.state.withLock { state in
        state.readRoster(kind, rows: Aggregator.rosterRowsMax, into: &roster)
      }
    }
    return roster
  }

  private static let rosterRowsMax = 1_024
}

/// How many series there are, by kind.
package struct SeriesCounts: Sendable {
  private var alive = [Int](repeating: 0, count: MetricKind.allCases.count)
  private var gone = [Int](repeating: 0, count: MetricKind.allCases.count)

  /// Series of a kind that there are.
  package func series(_ kind: MetricKind) -> Int { alive[kind.index] }

  /// Series of a kind that have expired since the start.
  package func expired(_ kind: MetricKind) -> Int { gone[kind.index] }

  mutating func add(_ kind: MetricKind, _ table: borrowing SeriesTable) {
    alive[kind.index] += table.count
    gone[kind.index] += table.expiredCount
  }
}

/// Who lives in the rows of one kind of a shard: their generations and where their spellings are.
struct ShardRoster {
  var names = NameBlocks()
  /// Odd where a series lives.
  var generations: [UInt32] = []
  var places: [SpellingPlace] = []

  /// The spelling of the series in a live row.
  func spelling(_ row: Int) -> Spelling { names.spelling(places[row]) }
}
