import WeirBytes
import WeirMetrics
import WeirPush

/// Applies a frame's records to series and to the totals of their owner.
extension SeriesShardState {
  /// Applies one record.
  ///
  /// - Parameters:
  ///   - entry: Index of the owner's entry for the series.
  ///   - fold: For a histogram, the index of its fold among those of the frame.
  ///   - numbers: The numbers of the frame.
  ///   - indices: The indices of the frame.
  /// - Returns: False, and nothing has changed, if the series has expired since it was leased.
  @inline(__always)
  mutating func apply(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, fold: Int,
    _ numbers: Span<Double>, _ indices: Span<Int32>, _ frame: borrowing PushedFrame,
    _ effects: inout PushEffects
  ) -> Bool {
    guard record.content == .counter, owner.entries[entry].isSettled else {
      return applyOther(
        record, entry, of: &owner, fold: fold, numbers, indices, frame, &effects)
    }
    let lease = owner.entries[entry].lease
    let known = owner.entries[entry].total
    guard record.value > known else { return touch(lease, second: frame.second) }
    guard gain(lease, from: known, to: record.value, second: frame.second) else { return false }
    owner.entries[entry].total = record.value
    return true
  }

  /// The same for all records except a counter whose owner has sent a total before.
  @inline(never)
  private mutating func applyOther(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, fold: Int,
    _ numbers: Span<Double>, _ indices: Span<Int32>, _ frame: borrowing PushedFrame,
    _ effects: inout PushEffects
  ) -> Bool {
    let lease = owner.entries[entry].lease
    let isApplied: Bool
    switch record.content {
    case .counter: isApplied = applyCounter(record, entry, of: &owner, frame)
    case .increment: isApplied = gain(lease, from: 0, to: record.value, second: frame.second)
    case .gauge, .gaugeAdd: return applyGauge(record, entry, of: &owner, frame, &effects)
    case .textGauge: return applyTextGauge(record, entry, of: &owner, numbers, frame)
    case .histogram:
      let cells = Cells(
        indices: indices.extracting(Int(record.firstIndex)..<record.indicesEnd),
        numbers: numbers.extracting(record.numbers.indices))
      isApplied = applyHistogram(record, entry, of: &owner, fold: fold, cells, frame, &effects)
    case .exponential:
      let arriving = NativeHistogram(record, numbers, indices)
      isApplied = applyExponential(record, entry, of: &owner, arriving, frame)
    case .members:
      isApplied = tables[lease.classID].add(
        lease.rowLease, members: numbers.extracting(record.numbers.indices),
        endedSecondsAgo: record.endedSecondsAgo, second: frame.second)
    case .observations:
      isApplied = apply(Sample(record), values: numbers, lease, tick: frame.second)
    case .sketch:
      let cells = Cells(
        indices: indices.extracting(Int(record.firstIndex)..<record.indicesEnd),
        numbers: numbers.extracting(record.numbers.indices))
      isApplied = tables[lease.classID].add(
        lease.rowLease, registers: cells, endedSecondsAgo: record.endedSecondsAgo,
        second: frame.second)
    }
    // An instance that has ended or was retired keeps no series.
    if isApplied, !owner.entries[entry].isHeld, !owner.isRetired, !owner.isFinished {
      hold(lease)
      owner.entries[entry].isHeld = true
    }
    return isApplied
  }

  private mutating func applyCounter(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, _ frame: borrowing PushedFrame
  ) -> Bool {
    let lease = owner.entries[entry].lease
    guard touch(lease, second: frame.second) else { return false }
    let isFirst = !owner.entries[entry].hasTotal
    owner.entries[entry].hasTotal = true
    if isFirst && owner.isBaseline(record, second: frame.second) {
      owner.baselines.reserveSparingly(1)
      owner.baselines.append(record.value)
      owner.entries[entry].detail = UInt64(owner.baselines.count - 1)
      owner.entries[entry].hasBaseline = true
      owner.entries[entry].total = record.value
    }
    let known = owner.entries[entry].total
    guard record.value > known else { return true }
    owner.entries[entry].total = record.value
    return gain(lease, from: known, to: record.value, second: frame.second)
  }

  private mutating func applyHistogram(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, fold: Int,
    _ cells: borrowing Cells, _ frame: borrowing PushedFrame, _ effects: inout PushEffects
  ) -> Bool {
    let lease = owner.entries[entry].lease
    let fold = frame.folds[fold]
    if !owner.entries[entry].hasTotal {
      // Before anything changes: a record whose series has expired is applied again.
      guard touch(lease, second: frame.second) else { return false }
      owner.entries[entry].hasTotal = true
      let isBaseline = owner.isBaseline(record, second: frame.second)
      owner.beginCells(entry, fold, withBaseline: isBaseline)
      if isBaseline {
        owner.entries[entry].hasBaseline = true
        let first = Int(owner.entries[entry].first)
        for start in [first, first + HistogramTotal.firstBucket + fold.count] {
          HistogramTotal.set(cells, sum: record.value, in: &owner.cells, from: start)
        }
      }
    }
    guard owner.entries[entry].detail == fold.pushed.id else {
      guard touch(lease, second: frame.second) else { return false }
      effects.badBuckets += 1
      return true
    }
    return tables[lease.classID].gain(
      lease.rowLease, cells, sum: record.value, known: &owner.cells,
      from: Int(owner.entries[entry].first), fold: fold, second: frame.second)
  }

  private mutating func applyExponential(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, _ arriving: NativeHistogram,
    _ frame: borrowing PushedFrame
  ) -> Bool {
    let lease = owner.entries[entry].lease
    guard touch(lease, second: frame.second) else { return false }
    let layout = tables[lease.classID].seriesClass.layout
    let index = Int(owner.entries[entry].first)
    let isFirst = !owner.entries[entry].hasTotal
    owner.entries[entry].hasTotal = true
    if isFirst && owner.isBaseline(record, second: frame.second) {
      owner.withExponential(index) { known in
        known.takeBaseline(arriving, sum: record.value, bounds: layout)
      }
      owner.entries[entry].detail = owner.addExponential(owner.exponentials[index])
      owner.entries[entry].hasBaseline = true
    }
    let baseline =
      owner.entries[entry].hasBaseline
      ? owner.exponentials[Int(owner.entries[entry].detail)].cumulative : []
    return owner.withExponential(index) { known in
      tables[lease.classID].gain(
        lease.rowLease, arriving, sum: record.value, known: &known, over: baseline,
        second: frame.second)
    }
  }
}

extension HistogramTotal {
  /// Sets the known total to that of a record.
  fileprivate static func set(
    _ cells: borrowing Cells, sum: Double, in known: inout [Double], from start: Int
  ) {
    var count = 0.0
    for place in cells.numbers.indices {
      known[start + firstBucket + Int(cells.indices[place])] = cells.numbers[place]
      count += cells.numbers[place]
    }
    known[start + HistogramTotal.sum] = sum
    known[start + HistogramTotal.count] = count
  }
}

extension PushRecord {
  /// The end of its buckets or registers.
  fileprivate var indicesEnd: Int { Int(firstIndex) + Int(numbers.count) }

  /// Whole seconds since the end of the step in which a set's members were counted; 0 if it has not
  /// ended, or the record does not say when it ends.
  fileprivate var endedSecondsAgo: Int {
    guard let ends = endsMilliseconds, ends < 0 else { return 0 }
    return Int((-ends - 1) / 1_000 + 1)
  }
}

extension Sample {
  /// Observations whose values are the frame's numbers.
  fileprivate init(_ record: PushRecord) {
    self.init(
      nameStart: 0, nameLength: 0, lineEnd: 0, tagsStart: 0, tagsLength: 0,
      firstValue: Int(record.numbers.first), valueCount: Int(record.numbers.count),
      weight: record.value, kind: record.kind, isRelative: false)
  }
}
