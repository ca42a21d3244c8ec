import Synchronization
import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Reads the current state of series of one class, at most `SeriesPiece.seriesMax` of them.
  ///
  /// - Parameter leases: Leases of a `Catalog`'s family. Series that have expired since are marked
  ///   as gone.
  /// - Complexity: O(leases). Each shard is locked once, for its share of them.
  package func read(
    _ leases: ArraySlice<SeriesLease>, of seriesClass: SeriesClass, into piece: inout SeriesPiece
  ) {
    precondition(leases.count <= SeriesPiece.seriesMax)
    let clock = ContinuousClock()
    piece.begin(seriesClass, count: leases.count)
    let tick = self.clock.load(ordering: .relaxed)
    // One shard after another.
    let positions = leases.indices.sorted { leases[$0].handle.shard < leases[$1].handle.shard }
    var rest = positions[...]
    while let first = rest.first {
      let shard = leases[first].handle.shard
      let here = rest.prefix { leases[$0].handle.shard == shard }
      rest = rest.dropFirst(here.count)
      let locked = shards[shard].state.withLock { state in
        let start = clock.now
        state.read(leases, at: here, tick: tick, into: &piece)
        return clock.now - start
      }
      piece.lockedLongest = max(piece.lockedLongest, locked)
    }
  }

  /// Reads a family piece by piece, and passes each of its series in order to `body`: the piece,
  /// and the index in it.
  ///
  /// - Complexity: O(series of the family).
  package func forEachSeries(of family: SeriesFamily, _ body: (SeriesPiece, Int) -> Void) {
    var piece = SeriesPiece()
    var rest = family.series[...]
    while !rest.isEmpty {
      let some = rest.prefix(SeriesPiece.seriesMax)
      rest = rest.dropFirst(some.count)
      read(some, of: family.seriesClass, into: &piece)
      for index in piece.indices where piece.isAlive(index) { body(piece, index) }
    }
  }

  /// How many series of each kind there are, and how many have expired since the start.
  ///
  /// - Complexity: O(shards).
  package func counts() -> SeriesCounts {
    var counts = SeriesCounts()
    for shard in shards { shard.state.withLock { $0.add(to: &counts) } }
    return counts
  }

  /// The rosters of the tables that have changed since `versions`. Updates `versions`.
  ///
  /// No series expires and no spelling moves meanwhile, so that no name has two classes. A series
  /// that is made meanwhile may be missing. The version is then from before it was made.
  ///
  /// - Parameter versions: By shard and class; empty to get all rosters.
  /// - Complexity: O(rows of the classes that have changed). A shard is locked for `rosterRowsMax` of them
  ///   at a time.
  func rosters(changedSince versions: inout [[Int]]) -> [ClassRoster] {
    lastSweep.withLock { _ in
      let now = shards.map { shard in shard.state.withLock { $0.versions() } }
      defer { versions = now }
      let classes = now.reduce(0) { max($0, $1.count) }
      return (0..<classes).compactMap { index in
        let before = versions.map { $0.element(index) }
        let after = now.map { $0.element(index) }
        if before == after { return nil }
        let classID = ClassID(index)
        return ClassRoster(classID: classID, shards: shards.map { roster($0, classID) })
      }
    }
  }

  private func roster(_ shard: SeriesShard, _ classID: ClassID) -> ShardRoster {
    var roster = ShardRoster()
    var isComplete = false
    while !isComplete {
      isComplete = shard.state.withLock { state in
        guard classID.index < state.tables.count else { return true }
        return state.readRoster(classID, rows: Aggregator.rosterRowsMax, into: &roster)
      }
    }
    return roster
  }

  private static let rosterRowsMax = 1_024
}

/// The number of series, by kind.
package struct SeriesCounts: Sendable {
  private var alive = [Int](repeating: 0, count: MetricKind.allCases.count)
  private var gone = [Int](repeating: 0, count: MetricKind.allCases.count)
  private var forgotten = [Int](repeating: 0, count: MetricKind.allCases.count)

  /// The number of current series of a kind.
  package func series(_ kind: MetricKind) -> Int { alive[kind.index] }

  /// Series of a kind that have expired since the start.
  package func expired(_ kind: MetricKind) -> Int { gone[kind.index] }

  /// Series of a kind that were forgotten since the start.
  package func forgotten(_ kind: MetricKind) -> Int { forgotten[kind.index] }

  mutating func add(
    _ kind: MetricKind, series: Int = 0, expired: Int = 0, forgotten: Int = 0
  ) {
    alive[kind.index] += series
    gone[kind.index] += expired
    self.forgotten[kind.index] += forgotten
  }
}

/// The content of the rows of one class.
struct ClassRoster {
  let classID: ClassID
  let shards: [ShardRoster]
}

/// The content of the rows of one class in a shard: the generations, and where the spellings are.
struct ShardRoster {
  /// Nil if the shard has no table of the class.
  var seriesClass: SeriesClass?
  var names = NameBlocks()
  /// Odd if the row has a series.
  var generations: [UInt32] = []
  var places: [SpellingPlace] = []

  /// The spelling of the series in a live row.
  func spelling(_ row: Int) -> Spelling { names.spelling(places[row]) }
}

extension [Int] {
  /// The number at an index, or 0 after the end.
  fileprivate func element(_ index: Int) -> Int { index < count ? self[index] : 0 }
}
