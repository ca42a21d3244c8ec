import WeirBytes
import WeirMetrics

/// A disjoint part of all series with one lock, which a batch takes once.
final class SeriesShard: Sendable {
  let state: Locked<SeriesShardState>

  init(showsZeroFirst: Bool, countsGaugeSettings: Bool = false) {
    state = Locked(
      SeriesShardState(
        showsZeroFirst: showsZeroFirst, countsGaugeSettings: countsGaugeSettings))
  }
}

/// The values of a shard's series: one table for each class.
struct SeriesShardState: ~Copyable {
  var tables: ClassTables
  var exemplars = ExemplarRows()
  /// Empty unless new series are shown as 0.
  var young = YoungRows()
  /// Series of each kind that have expired since the start.
  private var expired: InlineArray<4, Int> = .init(repeating: 0)
  /// Series of each kind that were forgotten since the start.
  private var forgotten: InlineArray<4, Int> = .init(repeating: 0)
  private let showsZeroFirst: Bool

  init(showsZeroFirst: Bool = false, countsGaugeSettings: Bool = false) {
    tables = ClassTables(countsGaugeSettings: countsGaugeSettings)
    self.showsZeroFirst = showsZeroFirst
  }

  /// The row of a series; nil if the class has no series with this spelling.
  ///
  /// - Parameter kind: The kind of the class, because its number may belong to another class by
  ///   now.
  func find(
    _ spelling: Span<UInt8>, _ classID: ClassID, _ kind: MetricKind, hash: UInt64
  ) -> RowLease? {
    guard classID.index < tables.count, tables[classID].kind == kind else { return nil }
    return tables[classID].series.find(spelling, hash: hash)
  }

  /// Makes a series without values, as if updated in the second `tick`.
  mutating func insert(
    _ spelling: [UInt8], _ numbered: NumberedClass, hash: UInt64,
    tick: UInt32, bornUnixSeconds born: UInt32
  ) -> RowLease {
    let classID = numbered.id
    tables.prepare(numbered)
    let lease = tables[classID].insert(spelling, hash: hash, tick: tick, born: born)
    if showsZeroFirst { noteYoung(lease, classID, tick: tick) }
    return lease
  }

  @inline(__always)
  func prefetch(_ lease: SeriesLease) {
    tables[lease.classID].series.rows.prefetchRow(lease.handle.row)
  }

  /// Asks for the rows of a group of samples.
  @inline(__always)
  func prefetch(_ group: Span<UInt32>, _ leases: Span<SeriesLease>) {
    var position = 0
    while position < group.count {
      let classID = leases[Int(group[position])].classID
      tables[classID].prefetch(group, from: &position, classID, leases)
    }
  }

  /// Adds a sample's values to its series, which counts as updated in the second `tick`.
  ///
  /// - Returns: False, and nothing has changed, if the series has expired since it was leased.
  @inline(__always)
  mutating func apply(
    _ sample: Sample, values: Span<Double>, _ lease: SeriesLease, tick: UInt32
  ) -> Bool {
    tables[lease.classID].apply(
      sample, values: values, row: lease.handle.row, generation: lease.generation, tick: tick)
  }

  /// Passes every table to `body` in turn.
  func forEachTable(_ body: (borrowing ClassTable) -> Void) {
    for index in tables.indices { body(tables[ClassID(index)]) }
  }

  /// Removes series of a class whose last update was before `deadline`.
  mutating func sweep(
    _ classID: ClassID, rows: Int, before deadline: UInt32, hash: (Span<UInt8>) -> UInt64
  ) -> SweepStep {
    let step = tables[classID].sweep(rows: rows, before: deadline, hash: hash)
    expired[tables[classID].kind.index] += step.expired.count
    return step
  }

  /// Removes the series in a live row.
  mutating func expire(
    _ classID: ClassID, row: Int, hash: (Span<UInt8>) -> UInt64
  ) -> SweepStep.Expired {
    expired[tables[classID].kind.index] += 1
    return tables[classID].series.expire(row: row, hash)
  }

  /// Series of a kind that have expired since the start.
  func expiredCount(_ kind: MetricKind) -> Int { expired[kind.index] }

  /// Series of a kind that were forgotten since the start.
  func forgottenCount(_ kind: MetricKind) -> Int { forgotten[kind.index] }

  mutating func countForgotten(_ count: Int, _ kind: MetricKind) {
    forgotten[kind.index] += count
  }
}
