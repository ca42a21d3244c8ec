import WeirMetrics

/// What pushed records change in the series of one class.
///
/// Each returns false, and nothing has changed, if the series has expired since it was leased.
extension ClassTable {
  /// Raises an owner's total of a histogram to the record's total, and adds the gain.
  ///
  /// - Parameters:
  ///   - known: Holds the total from `start` on, as `HistogramTotal` lays it out.
  ///   - fold: The fold of the total's bounds.
  mutating func gain(
    _ lease: RowLease, _ arriving: borrowing Cells, sum: Double, known: inout [Double],
    from start: Int, fold: BucketFold, second: UInt32
  ) -> Bool {
    guard fold.isInto(self) else {
      let own = BucketFold(fold.pushed, into: seriesClass.layout, serial: serial)
      return gain(
        lease, arriving, sum: sum, known: &known, from: start, fold: own, second: second)
    }
    guard series.renew(lease, second) else { return false }
    if observations.isKept {
      keep(arriving, known, from: start, fold, row: lease.row, second: second)
    }
    var cells = series.rows.row(lease.row)
    var count = 0.0
    for place in arriving.numbers.indices {
      let number = arriving.numbers[place]
      count += number
      let bucket = Int(arriving.indices[place])
      let cell = start + HistogramTotal.firstBucket + bucket
      guard number > known[cell] else { continue }
      let own = ClassTable.firstBucket + fold.bucket(of: bucket)
      cells[own] = CompensatedSum.clamped(cells[own] + (number - known[cell]))
      known[cell] = number
      if bucket < fold.count - 1, fold.value(of: bucket) < 0 { cells.insert(.negative) }
    }
    let knownSum = start + HistogramTotal.sum
    let knownCount = start + HistogramTotal.count
    if (count, sum) > (known[knownCount], known[knownSum]) {
      // Only a negative value makes a sum fall.
      if sum < known[knownSum] { cells.insert(.negative) }
      cells.addDifference(from: known[knownSum], to: sum)
      known[knownSum] = sum
      known[knownCount] = count
    }
    return true
  }

  /// Adds the gains of buckets to what histograms keep in addition to their rows. `known` has the
  /// counts before.
  private mutating func keep(
    _ arriving: borrowing Cells, _ known: [Double], from start: Int, _ fold: BucketFold, row: Int,
    second: UInt32
  ) {
    for place in arriving.numbers.indices {
      let bucket = Int(arriving.indices[place])
      let gain = arriving.numbers[place] - known[start + HistogramTotal.firstBucket + bucket]
      if gain > 0 {
        observations.add(fold.value(of: bucket), weight: gain, row: row, second: second)
      }
    }
  }

  /// The same for a histogram with exponential buckets.
  ///
  /// - Parameter baseline: The part of its cumulative counts that is a baseline; empty for none.
  mutating func gain(
    _ lease: RowLease, _ arriving: NativeHistogram, sum: Double,
    known: inout ExponentialTotal, over baseline: [Double], second: UInt32
  ) -> Bool {
    guard series.renew(lease, second) else { return false }
    let gain = known.buckets.raise(to: arriving)
    let before = known.given(over: baseline)
    known.raiseCumulative(to: arriving, bounds: seriesClass.layout)
    let after = known.given(over: baseline)
    var cells = series.rows.row(lease.row)
    var gainedBelow = 0.0
    for bucket in after.indices {
      let gained = after[bucket] - (before.isEmpty ? 0 : before[bucket])
      guard gained != gainedBelow else { continue }
      // Negative if observations are now known to be in a lower bucket.
      let cell = ClassTable.firstBucket + bucket
      cells[cell] = CompensatedSum.clamped(cells[cell] + (gained - gainedBelow))
      gainedBelow = gained
    }
    let count = arriving.count
    if arriving.hasNegative { cells.insert(.negative) }
    if (count, sum) > (known.count, known.sum) {
      if sum < known.sum { cells.insert(.negative) }
      cells.addDifference(from: known.sum, to: sum)
      (known.count, known.sum) = (count, sum)
    }
    if observations.isKept { observations.add(gain, row: lease.row, second: second) }
    return true
  }

  /// Adds members to a set, as hashes.
  ///
  /// - Parameter ended: Seconds since the end of the step in which they were counted; 0 before that
  ///   end.
  mutating func add(
    _ lease: RowLease, members: borrowing Span<Double>, endedSecondsAgo ended: Int, second: UInt32
  ) -> Bool {
    guard series.renew(lease, second) else { return false }
    sets.add(row: lease.row, endedSecondsAgo: ended, second: second) { sketch in
      for place in members.indices { sketch.insert(hash: members[place].bitPattern) }
    }
    return true
  }

  /// The same for too many members to list: registers of a sketch.
  mutating func add(
    _ lease: RowLease, registers: borrowing Cells, endedSecondsAgo ended: Int, second: UInt32
  ) -> Bool {
    guard series.renew(lease, second) else { return false }
    sets.add(row: lease.row, endedSecondsAgo: ended, second: second) { sketch in
      for place in registers.indices.indices {
        sketch.raise(
          register: Int(registers.indices[place]), to: UInt8(registers.numbers[place]))
      }
    }
    return true
  }
}
