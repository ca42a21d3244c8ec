import Synchronization
import WeirBytes
import WeirMetrics

/// A walk over all rows, which can stop and go on.
struct SeriesSearch {
  let selectors: [SeriesSelector]
  let isDry: Bool
  fileprivate var shard = 0
  fileprivate var table = 0
  fileprivate var row = 0
  fileprivate(set) var isOver = false
  /// The spelling of the row, to save allocations.
  private var spelling: [UInt8] = []

  init(_ selectors: [SeriesSelector], isDry: Bool) {
    self.selectors = selectors
    self.isDry = isDry
  }

  /// The spelling if it matches.
  fileprivate mutating func match(_ bytes: Span<UInt8>) -> [UInt8]? {
    spelling.removeAll(keepingCapacity: true)
    for index in bytes.indices { spelling.append(bytes[index]) }
    return selectors.contains { $0.matches(spelling) } ? spelling : nil
  }
}

extension Aggregator {
  /// Rows that are matched while a shard is locked: each may take a microsecond.
  private static let rowsAtOnce = 512

  /// Looks at the rows of a pass, and takes series that match out of the index unless the search is
  /// dry.
  ///
  /// The caller holds `lastSweep`, so that nobody else removes a row.
  func find(
    _ search: inout SeriesSearch, into doomed: inout DoomedSeries,
    _ forgotten: inout ForgottenSeries
  ) {
    var steps = DoomedSeries.countMax / Aggregator.rowsAtOnce
    while search.shard < shards.count {
      if steps == 0 { return }
      steps -= 1
      let isThrough = shards[search.shard].state.withLock { state in
        state.find(&search, into: &doomed, &forgotten, rows: Aggregator.rowsAtOnce) {
          hash.hash($0, from: 0, length: $0.count)
        }
      }
      guard isThrough else { continue }
      search.shard += 1
      search.table = 0
      search.row = 0
    }
    search.isOver = true
  }

  /// Removes series that were taken out of the index, and that no owner has any more.
  func remove(_ doomed: DoomedSeries) {
    var left = doomed.leases[...]
    while let first = left.first {
      let step = left.prefix(SweepStep.expiredMax).prefix {
        $0.handle.shard == first.handle.shard && $0.classID == first.classID
      }
      let (removed, kind) = shards[first.handle.shard].state.withLock { state in
        (state.forget(step, first.classID), state.tables[first.classID].kind)
      }
      release(removed, kind)
      left = left.dropFirst(step.count)
    }
    admissionEpoch.add(1, ordering: .releasing)
  }
}

extension SeriesShardState {
  /// Returns whether all tables are searched.
  fileprivate mutating func find(
    _ search: inout SeriesSearch, into doomed: inout DoomedSeries,
    _ forgotten: inout ForgottenSeries, rows rowsMax: Int, hash: (Span<UInt8>) -> UInt64
  ) -> Bool {
    var looked = 0
    while search.table < tables.count {
      let classID = ClassID(search.table)
      while search.row < tables[classID].series.rows.count {
        guard looked < rowsMax else { return false }
        looked += 1
        let row = search.row
        search.row += 1
        let life = tables[classID].series.rows.life(row)
        guard life.isLive else { continue }
        let found = search.match(tables[classID].series.spelling(of: row).bytes)
        guard let found else { continue }
        forgotten.add(found, tables[classID].kind)
        if search.isDry { continue }
        tables[classID].series.unlist(row: row, hash: hash(found.span))
        doomed.add(
          SeriesLease(
            shard: search.shard, classID, RowLease(row: row, generation: life.generation)))
      }
      search.table += 1
      search.row = 0
    }
    return true
  }

  /// Removes series of a class that are no longer in the index.
  fileprivate mutating func forget(
    _ leases: ArraySlice<SeriesLease>, _ classID: ClassID
  ) -> [SweepStep.Expired] {
    countForgotten(leases.count, tables[classID].kind)
    let removed = leases.map { lease in
      SweepStep.Expired(
        row: lease.handle.row,
        spelling: tables[classID].series.copiedSpelling(of: lease.handle.row))
    }
    tables[classID].forget(rows: removed.lazy.map(\.row))
    return removed
  }
}
