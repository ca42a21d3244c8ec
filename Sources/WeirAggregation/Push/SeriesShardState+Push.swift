import WeirMetrics

/// The gains of pushed totals, and other changes that only pushed records make.
///
/// Each returns false, and nothing has changed, if the series has expired since it was leased.
extension SeriesShardState {
  /// Counts a series as updated, though its value has not changed.
  mutating func touch(_ lease: SeriesLease, second: UInt32) -> Bool {
    tables[lease.classID].series.renew(lease.rowLease, second)
  }

  /// Adds one owner that holds a live series. A gauge is kept by its values instead.
  mutating func hold(_ lease: SeriesLease) {
    guard tables[lease.classID].kind != .gauge else { return }
    tables[lease.classID].series.hold(lease.handle.row)
  }

  /// Removes one owner that holds a series, unless the series was forgotten meanwhile.
  mutating func release(_ lease: SeriesLease) {
    guard tables[lease.classID].kind != .gauge else { return }
    tables[lease.classID].series.release(lease.rowLease)
  }

  /// Adds a counter's gain since its total was `known`.
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

  /// Adds the gain of a total to a row's sum.
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
  /// Adds the difference of two totals to a row's sum, exactly: the rounding error of the
  /// difference is added to the row's error (Knuth's TwoSum).
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
