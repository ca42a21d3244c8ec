import WeirMetrics

/// The gains of pushed totals, and other changes that no text line makes.
///
/// Each returns false, and nothing has changed, where the series has expired since it was leased.
extension SeriesShardState {
  /// Counts a series as updated, though its value has not changed.
  mutating func touch(_ lease: SeriesLease, second: UInt32) -> Bool {
    tables[lease.classID].series.renew(lease.rowLease, second)
  }

  /// Keeps a live series for one more owner. A gauge is kept by its values instead.
  mutating func hold(_ lease: SeriesLease) {
    guard tables[lease.classID].kind != .gauge else { return }
    tables[lease.classID].series.hold(lease.handle.row)
  }

  /// Keeps a series for one owner less.
  mutating func release(_ lease: SeriesLease) {
    guard tables[lease.classID].kind != .gauge else { return }
    tables[lease.classID].series.release(lease.handle.row)
  }

  /// Adds what a counter has gained since it stood at `known`.
  @inline(__always)
  mutating func gain(
    _ lease: SeriesLease, from known: Double, to total: Double, second: UInt32
  ) -> Bool {
    tables[lease.classID].series.gain(lease.rowLease, from: known, to: total, second: second)
  }
}

extension SeriesTable {
  /// Counts a series as updated.
  mutating func renew(_ lease: RowLease, _ second: UInt32) -> Bool {
    guard lease.row < rows.count else { return false }
    var cells = rows.row(lease.row)
    return cells.renew(lease.generation, tick: second)
  }

  /// Adds to a row's sum what a total has gained.
  @inline(__always)
  mutating func gain(
    _ lease: RowLease, from known: Double, to total: Double, second: UInt32
  ) -> Bool {
    guard lease.row < rows.count else { return false }
    var cells = rows.row(lease.row)
    guard cells.renew(lease.generation, tick: second) else { return false }
    cells.addDifference(from: known, to: total)
    return true
  }
}

extension MutableSpan<Double> {
  /// Adds to a row's sum the difference of two totals, exactly: what rounding would lose of it goes into
  /// the error (Knuth's TwoSum).
  @inline(__always)
  mutating func addDifference(from known: Double, to total: Double) {
    var sum = CompensatedSum(sum: self[ClassTable.sumCell], error: self[ClassTable.errorCell])
    let difference = total - known
    let back = difference - total
    let lost = (total - (difference - back)) + (-known - back)
    sum.add(CompensatedSum.clamped(difference))
    if lost != 0 && lost.isFinite { sum.add(lost) }
    self[ClassTable.sumCell] = sum.sum
    self[ClassTable.errorCell] = sum.error
  }
}
