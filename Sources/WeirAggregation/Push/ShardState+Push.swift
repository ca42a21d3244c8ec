import WeirMetrics

/// What a pushed total has gained, and other changes that no text line makes.
///
/// Each returns false, and nothing has changed, where the series has expired since it was leased.
extension ShardState {
  /// Notes that a series was heard of, though nothing is new.
  mutating func touch(_ lease: SeriesLease, _ kind: MetricKind, second: UInt32) -> Bool {
    let row = lease.handle.row
    switch kind {
    case .counter: return counters.renew(row, lease.generation, second)
    case .gauge: return gauges.renew(row, lease.generation, second)
    case .histogram: return histograms.renew(row, lease.generation, second)
    case .set: return sets.renew(row, lease.generation, second)
    }
  }

  /// Keeps a series that lives for one more owner.
  mutating func hold(_ lease: SeriesLease, _ kind: MetricKind) {
    let row = lease.handle.row
    switch kind {
    case .counter: counters.hold(row)
    case .gauge: return
    case .histogram: histograms.hold(row)
    case .set: sets.hold(row)
    }
  }

  /// Lets a series go that was kept for an owner.
  mutating func release(_ hold: SeriesHold) {
    let row = hold.lease.handle.row
    switch hold.kind {
    case .counter: counters.release(row)
    case .gauge: return
    case .histogram: histograms.release(row)
    case .set: sets.release(row)
    }
  }

  /// Adds what a counter has gained since it stood at `known`.
  @inline(__always)
  mutating func gain(
    _ lease: SeriesLease, from known: Double, to total: Double, second: UInt32
  ) -> Bool {
    let row = lease.handle.row
    guard row < counters.rows.count else { return false }
    var cells = counters.rows.row(row)
    guard cells.renew(lease.generation, tick: second) else { return false }
    cells.addDifference(from: known, to: total)
    return true
  }

  /// Raises an owner's total of a histogram to what a record says, and adds what it has gained.
  ///
  /// - Parameters:
  ///   - known: Holds the total from `start` on, as `HistogramTotal` lays it out.
  ///   - fold: Of the total's bounds.
  mutating func gain(
    _ lease: SeriesLease, _ arriving: borrowing Cells, sum: Double, known: inout [Double],
    from start: Int, fold: BucketFold, second: UInt32
  ) -> Bool {
    let row = lease.handle.row
    guard histograms.renew(row, lease.generation, second) else { return false }
    if observations.isKept { keep(arriving, known, from: start, fold, row: row, second: second) }
    var cells = histograms.rows.row(row)
    var count = 0.0
    for place in arriving.numbers.indices {
      let number = arriving.numbers[place]
      count += number
      let bucket = Int(arriving.indices[place])
      let cell = start + HistogramTotal.firstBucket + bucket
      guard number > known[cell] else { continue }
      let own = ShardState.firstBucket + fold.bucket(of: bucket)
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

  /// Adds what buckets gain to what histograms keep beside their rows, `known` being what they were.
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

  /// The same of a histogram with exponential buckets.
  ///
  /// - Parameter baseline: What of its cumulative counts counts as told before; empty for nothing.
  mutating func gain(
    _ lease: SeriesLease, _ arriving: NativeHistogram, sum: Double,
    known: inout ExponentialTotal, over baseline: [Double], bounds: HistogramBounds,
    second: UInt32
  ) -> Bool {
    let row = lease.handle.row
    guard row < histograms.rows.count else { return false }
    var cells = histograms.rows.row(row)
    guard cells.renew(lease.generation, tick: second) else { return false }
    let gain = known.buckets.raise(to: arriving)
    let before = known.given(over: baseline)
    known.raiseCumulative(to: arriving, bounds: bounds)
    let after = known.given(over: baseline)
    var gainedBelow = 0.0
    for bucket in after.indices {
      let gained = after[bucket] - (before.isEmpty ? 0 : before[bucket])
      guard gained != gainedBelow else { continue }
      // Negative where observations are now known to be in a lower bucket.
      let cell = ShardState.firstBucket + bucket
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
    if observations.isKept { observations.add(gain, row: row, second: second) }
    return true
  }

  /// Adds members to a set: their hashes.
  ///
  /// - Parameter ended: Seconds since the end of the step in which they were counted; 0 before it.
  mutating func add(
    _ lease: SeriesLease, members: borrowing Span<Double>, endedSecondsAgo ended: Int,
    second: UInt32
  ) -> Bool {
    let row = lease.handle.row
    guard sets.renew(row, lease.generation, second) else { return false }
    setRows.add(row: row, endedSecondsAgo: ended, second: second) { sketch in
      for place in members.indices { sketch.insert(hash: members[place].bitPattern) }
    }
    return true
  }

  /// The same of members that are too many to name: registers of a sketch.
  mutating func add(
    _ lease: SeriesLease, registers: borrowing Cells, endedSecondsAgo ended: Int, second: UInt32
  ) -> Bool {
    let row = lease.handle.row
    guard sets.renew(row, lease.generation, second) else { return false }
    setRows.add(row: row, endedSecondsAgo: ended, second: second) { sketch in
      for place in registers.indices.indices {
        sketch.raise(
          register: Int(registers.indices[place]), to: UInt8(registers.numbers[place]))
      }
    }
    return true
  }

  /// Sets what an owner has told of a gauge, or adds to it.
  ///
  /// - Parameter place: Where its value stands, or nil; brought up to date.
  mutating func setGauge(
    _ lease: SeriesLease, _ merge: GaugeMerge, _ member: GaugeGroups.Member,
    at place: inout GaugeGroups.Place?, second: UInt32
  ) -> Bool {
    let row = RowLease(row: lease.handle.row, generation: lease.generation)
    guard gauges.renew(row.row, row.generation, second) else { return false }
    if var known = place {
      if gaugeGroups.set(&known, row, merge, member, second: second) {
        place = known
        return true
      }
      // Its series has expired, and another with the same name has come.
      _ = gaugeGroups.leave(known)
    }
    var joined = gaugeGroups.join(row, merge, member)
    _ = gaugeGroups.set(&joined, row, merge, member, second: second)
    place = joined
    return true
  }

  /// Takes an owner's value of a gauge away.
  ///
  /// - Returns: The row of the series if it has no owner left, and no text has updated it since.
  mutating func leaveGauge(_ place: GaugeGroups.Place) -> Int? {
    guard case .orphan(let lease, let second) = gaugeGroups.leave(place),
      lease.row < gauges.rows.count
    else { return nil }
    let life = gauges.rows.life(lease.row)
    return life.generation == lease.generation && life.tick <= second ? lease.row : nil
  }

  /// Brings gauges up to date of which an owner's value has changed.
  ///
  /// - Returns: Whether there are more of them.
  mutating func settleGauges() -> Bool {
    var groups = GaugeGroups()
    swap(&groups, &gaugeGroups)
    let areMore = groups.settle { lease, value in
      guard lease.row < gauges.rows.count,
        gauges.rows.life(lease.row).generation == lease.generation
      else { return }
      var cells = gauges.rows.row(lease.row)
      cells[ShardState.sumCell] = value
    }
    swap(&groups, &gaugeGroups)
    return areMore
  }
}

extension ExponentialTotal {
  /// Takes for known what a record tells.
  mutating func takeBaseline(_ arriving: NativeHistogram, sum: Double, bounds: HistogramBounds) {
    _ = buckets.raise(to: arriving)
    raiseCumulative(to: arriving, bounds: bounds)
    (count, self.sum) = (arriving.count, sum)
  }

  /// Raises what is known of each classic bound to what a frame tells.
  fileprivate mutating func raiseCumulative(
    to arriving: NativeHistogram, bounds: HistogramBounds
  ) {
    var told = [Double](repeating: 0, count: bounds.bucketCount)
    arriving.forEachBucket { value, count in told[bounds.bucket(of: value)] += count }
    if cumulative.isEmpty { cumulative = [Double](repeating: 0, count: bounds.bucketCount) }
    var sum = 0.0
    for bucket in told.indices {
      sum = CompensatedSum.clamped(sum + told[bucket])
      cumulative[bucket] = max(cumulative[bucket], sum)
    }
  }

  /// What of `cumulative` has been given to the series, where `baseline` counts as told before.
  ///
  /// A baseline in a coarser schema tells less of the lower bounds than what comes later. What is given at
  /// one bound is never more than at a higher one, so that no observation of it is counted again.
  fileprivate func given(over baseline: [Double]) -> [Double] {
    guard !baseline.isEmpty, !cumulative.isEmpty else { return cumulative }
    var given = cumulative
    var least = Double.infinity
    for bucket in given.indices.reversed() {
      least = min(least, max(0, cumulative[bucket] - baseline[bucket]))
      given[bucket] = least
    }
    return given
  }
}

extension SeriesTable {
  fileprivate mutating func renew(_ row: Int, _ generation: UInt32, _ second: UInt32) -> Bool {
    guard row < rows.count else { return false }
    var cells = rows.row(row)
    return cells.renew(generation, tick: second)
  }
}

extension MutableSpan<Double> {
  /// Adds to a row's sum the difference of two totals, exactly: what rounding would lose of it goes into
  /// the error (Knuth's TwoSum).
  @inline(__always)
  fileprivate mutating func addDifference(from known: Double, to total: Double) {
    var sum = CompensatedSum(sum: self[ShardState.sumCell], error: self[ShardState.errorCell])
    let difference = total - known
    let back = difference - total
    let lost = (total - (difference - back)) + (-known - back)
    sum.add(CompensatedSum.clamped(difference))
    if lost != 0 && lost.isFinite { sum.add(lost) }
    self[ShardState.sumCell] = sum.sum
    self[ShardState.errorCell] = sum.error
  }
}
