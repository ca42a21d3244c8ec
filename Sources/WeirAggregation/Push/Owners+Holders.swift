import WeirBytes
import WeirPush

/// The instances that push a series, and have not ended.
package struct SeriesHolders: Sendable, Equatable {
  package var count = 0
  /// Some of them.
  package var some: [InstanceID] = []
}

extension Owners {
  /// Entries of owners that are looked at while their shard is locked, plus those of one owner.
  private static let holderEntriesAtOnceMax = 8_192

  /// Who pushes each of some series.
  ///
  /// - Parameters:
  ///   - someMax: How many instances of each are named.
  ///   - isLate: Asked between steps.
  /// - Returns: In the order of `leases`; nil if it was too late to look at all instances.
  /// - Complexity: O(totals). A shard is locked for some thousands at a time.
  package func holders(
    of leases: [SeriesLease], someMax: Int, isLate: () -> Bool
  ) -> [SeriesHolders]? {
    var holders = leases.map { _ in SeriesHolders() }
    let places = Dictionary(leases.enumerated().map { ($1, $0) }) { first, _ in first }
    for shard in shards {
      // By name, because positions change between steps.
      var left = shard.state.withLock { state in state.owners.map(\.id) }[...]
      while !left.isEmpty {
        guard !isLate() else { return nil }
        let done = shard.state.withLock { state -> Int in
          var entries = 0
          var done = 0
          for id in left where entries < Owners.holderEntriesAtOnceMax {
            entries += 1 + state.add(id, to: &holders, places, someMax: someMax)
            done += 1
          }
          return done
        }
        left = left.dropFirst(done)
      }
    }
    return holders
  }
}

extension OwnerShardState {
  /// Adds an owner to the series that it holds, and returns the number of its entries.
  fileprivate func add(
    _ id: InstanceID, to holders: inout [SeriesHolders], _ places: [SeriesLease: Int], someMax: Int
  ) -> Int {
    guard let position = position(of: id) else { return 0 }
    let count = owners[position].entries.count
    for entry in 0..<count where owners[position].entries[entry].isHeld {
      guard let place = places[owners[position].entries[entry].lease] else { continue }
      holders[place].count += 1
      if holders[place].some.count < someMax { holders[place].some.append(id) }
    }
    return count
  }
}
