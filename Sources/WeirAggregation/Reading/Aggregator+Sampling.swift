import WeirBytes
import WeirMetrics

extension SampleRouter {
  /// The series that a sample of the last batch went to; nil if it went to none.
  package func series(_ index: Int) -> SeriesLease? {
    leases[index].handle == .none ? nil : leases[index]
  }
}

extension Aggregator {
  /// The names of series, without quotes and escapes, in the order of `leases`; nil for those that have expired.
  ///
  /// - Complexity: O(leases). Each shard is locked once.
  package func names(of leases: [SeriesLease]) -> [[UInt8]?] {
    var names = [[UInt8]?](repeating: nil, count: leases.count)
    let positions = leases.indices.sorted { leases[$0].handle.shard < leases[$1].handle.shard }
    var rest = positions[...]
    while let first = rest.first {
      let shard = leases[first].handle.shard
      let here = rest.prefix { leases[$0].handle.shard == shard }
      rest = rest.dropFirst(here.count)
      shards[shard].state.withLock { state in
        for position in here { names[position] = state.name(of: leases[position]) }
      }
    }
    return names
  }
}

extension SeriesShardState {
  /// The name of a series; nil if it has expired.
  fileprivate func name(of lease: SeriesLease) -> [UInt8]? {
    guard lease.classID.index < tables.count,
      lease.handle.row < tables[lease.classID].series.rows.count,
      tables[lease.classID].series.rows.life(lease.handle.row).isLive,
      tables[lease.classID].series.rows.life(lease.handle.row).generation == lease.generation
    else { return nil }
    let bytes = tables[lease.classID].series.spelling(of: lease.handle.row).bytes
    let length = SpelledName.length(in: bytes)
    var name: [UInt8] = []
    name.reserveCapacity(length)
    for index in 0..<length { name.append(bytes[index]) }
    return SpelledName.raw(name)
  }
}
