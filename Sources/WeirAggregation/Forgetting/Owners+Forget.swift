import WeirBytes
import WeirMetrics
import WeirPush

extension Owners {
  /// Removes the series that match one of the selectors, also those that instances hold.
  ///
  /// The totals of instances stay known. A repeated total does not bring a series back, and a greater
  /// one makes a new series that has only the gain. A gauge is a state: the next frame that repeats
  /// it brings it back.
  ///
  /// It works in passes. In each, some series are first taken out of the index, so that nobody finds
  /// them any more. Then all owners give them up. Then they are removed. Series that are made
  /// meanwhile may stay.
  ///
  /// - Parameter isDry: Changes nothing, and says what would be removed.
  /// - Complexity: O(series · selectors), and for each 65,536 series O(totals). Scrapes wait
  ///   for a pass, receivers only for steps.
  package func forget(_ selectors: [SeriesSelector], isDry: Bool = false) -> ForgottenSeries {
    var forgotten = ForgottenSeries()
    var search = SeriesSearch(selectors, isDry: isDry)
    while !search.isOver {
      // As for every removal of a series: not while a scrape reads the rosters.
      aggregator.lastSweep.withLock { _ in
        var doomed = DoomedSeries(shards: aggregator.shards.count)
        aggregator.find(&search, into: &doomed, &forgotten)
        guard !doomed.leases.isEmpty else { return }
        for shard in shards { giveUp(doomed, in: shard) }
        aggregator.remove(doomed)
      }
    }
    return forgotten
  }

  /// Entries of owners that are looked at while their shard is locked, plus those of one owner.
  private static let entriesAtOnceMax = 8_192

  /// Lets every owner of a shard give up series. Owners that come later can't find these series.
  private func giveUp(_ doomed: DoomedSeries, in shard: OwnerShard) {
    // By name, because positions change between steps.
    var left = shard.state.withLock { state in state.owners.map(\.id) }[...]
    while !left.isEmpty {
      let done = shard.state.withLock { state -> Int in
        var entries = 0
        var done = 0
        for id in left where entries < Owners.entriesAtOnceMax {
          entries += 1 + state.giveUp(doomed, owner: id)
          done += 1
        }
        return done
      }
      left = left.dropFirst(done)
    }
  }
}

extension OwnerShardState {
  /// Returns the number of entries of the owner.
  fileprivate mutating func giveUp(_ doomed: DoomedSeries, owner id: InstanceID) -> Int {
    guard let position = position(of: id) else { return 0 }
    let count = owners[position].entries.count
    let found = (0..<count).filter { doomed.contains(owners[position].entries[$0].lease) }
    guard !found.isEmpty else { return count }
    withOwner(position) { owner, _ in
      for entry in found { owner.giveUpSeries(entry) }
    }
    return count
  }
}
