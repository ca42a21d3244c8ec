import WeirMetrics

/// The series of one class in a shard: their rows, and what some classes keep in addition to the
/// rows.
///
///     kind        cells of a row after life and place    beside the row
///     counter     sum, rounding error
///     gauge       value                                  `gauges`: the values of several owners,
///                                                        `settings`: how text has set it
///     histogram   sum, rounding error, buckets           `observations`: native, or a summary's window
///     set                                                `sets`: the members of a window
struct ClassTable: ~Copyable {
  private(set) var seriesClass: SeriesClass
  /// That of `NumberedClass`.
  private(set) var serial: UInt64
  private let countsGaugeSettings: Bool
  private(set) var isPushed: Bool
  var series: SeriesTable
  var observations: ObservationRows
  var sets: SetRows
  var settings: GaugeSettingRows
  /// Gauges of which several owners may have set a value.
  var gauges = GaugeGroups()
  private var buckets: BucketSearch
  /// Whether `observations` or `settings` are kept: one check for a sample, which most need.
  private(set) var keepsMore: Bool

  /// The cell of a counter's or histogram's sum, and of a gauge's value.
  static let sumCell = SeriesTable.firstValueCell
  static let errorCell = sumCell + 1
  /// The first bucket's cell in a histogram's row.
  static let firstBucket = sumCell + 2

  /// - Parameter countsGaugeSettings: Whether gauges keep how text has set them.
  init(_ numbered: NumberedClass, countsGaugeSettings: Bool = false) {
    // Constants first: an optimized build of Swift 6.3 released values that were not there yet when this read
    // the table's own properties.
    let kept = numbered.seriesClass
    let observations = ObservationRows(kept.observer)
    let settings = GaugeSettingRows(isKept: countsGaugeSettings && kept.kind == .gauge)
    self.countsGaugeSettings = countsGaugeSettings
    seriesClass = kept
    serial = numbered.serial
    isPushed = numbered.isPushed
    series = SeriesTable(values: kept.valueCells)
    keepsMore = observations.isKept || settings.isKept
    self.observations = observations
    sets = SetRows(kept.sets)
    self.settings = settings
    buckets = BucketSearch(kept.layout)
  }

  var kind: MetricKind { seriesClass.kind }

  /// Changes an empty table into a table of another class. Leases on its old rows stay void.
  ///
  /// - Precondition: the table has no series.
  mutating func reset(to numbered: NumberedClass) {
    precondition(series.count == 0, "series of the class before are left")
    seriesClass = numbered.seriesClass
    serial = numbered.serial
    isPushed = numbered.isPushed
    series.reset(values: seriesClass.valueCells)
    observations = ObservationRows(seriesClass.observer)
    sets = SetRows(seriesClass.sets)
    settings = GaugeSettingRows(isKept: countsGaugeSettings && seriesClass.kind == .gauge)
    gauges = GaugeGroups()
    buckets = BucketSearch(seriesClass.layout)
    keepsMore = observations.isKept || settings.isKept
  }

  /// Makes a series without values, as if updated in the second `tick`.
  mutating func insert(_ spelling: [UInt8], hash: UInt64, tick: UInt32, born: UInt32) -> RowLease {
    insert(spelling[...], hash: hash, tick: tick, born: born)
  }

  /// The same for a spelling among other bytes.
  mutating func insert(
    _ spelling: ArraySlice<UInt8>, hash: UInt64, tick: UInt32, born: UInt32
  ) -> RowLease {
    let lease = series.insert(spelling, hash: hash, tick: tick, born: born)
    switch kind {
    case .counter: break
    case .gauge:
      var cells = series.rows.row(lease.row)
      // NaN until its first value arrives.
      cells[ClassTable.sumCell] = .nan
      if settings.isKept { settings.begin(lease.row) }
    case .histogram: if observations.isKept { observations.begin(lease.row) }
    case .set: sets.begin(lease.row)
    }
    return lease
  }

  /// Asks for the rows of a group's samples, up to the first of another class.
  @inline(__always)
  func prefetch(
    _ group: Span<UInt32>, from position: inout Int, _ classID: ClassID,
    _ leases: Span<SeriesLease>
  ) {
    while position < group.count {
      let lease = leases[Int(group[position])]
      guard lease.classID == classID else { return }
      series.rows.prefetchRow(lease.handle.row)
      position &+= 1
    }
  }

  /// Applies a group's samples, up to the first of another class or without a live series.
  ///
  /// - Parameters:
  ///   - group: Indices of samples.
  ///   - position: Where in the group it begins, and then where it ends.
  ///   - applied: Counts of values by kind.
  /// - Returns: Whether it ended at a sample whose series has expired since it was leased.
  @inline(__always)
  mutating func apply(
    _ group: Span<UInt32>, from position: inout Int, _ classID: ClassID, _ samples: Span<Sample>,
    values: Span<Double>, _ leases: Span<SeriesLease>, tick: UInt32,
    _ applied: inout InlineArray<4, Int>
  ) -> Bool {
    while position < group.count {
      let index = Int(group[position])
      let lease = leases[index]
      guard lease.classID == classID else { return false }
      let isApplied = apply(
        samples[index], values: values, row: lease.handle.row, generation: lease.generation,
        tick: tick)
      guard isApplied else { return true }
      applied[samples[index].kind.index] &+= Int(samples[index].valueCount)
      position &+= 1
    }
    return false
  }

  /// Adds a sample's values to its series, which counts as updated in the second `tick`.
  ///
  /// - Precondition: the sample is of the table's kind.
  /// - Returns: False, and nothing has changed, if the series has expired since it was leased.
  @inline(__always)
  mutating func apply(
    _ sample: Sample, values: Span<Double>, row: Int, generation: UInt32, tick: UInt32
  ) -> Bool {
    guard row < series.rows.count else { return false }
    let first = Int(sample.firstValue)
    let values = values.extracting(first..<first &+ Int(sample.valueCount))
    guard
      ClassTable.add(
        values, of: sample, to: &series.rows, row: row, generation: generation, tick: tick, buckets)
    else { return false }
    if sample.kind == .set {
      for index in values.indices {
        sets.insert(hash: values[index].bitPattern, row: row, second: tick)
      }
    } else if keepsMore {
      if sample.kind == .gauge {
        settings.add(values, isRelative: sample.isRelative, row: row)
      } else {
        observations.add(values, weight: sample.weight, row: row, tick: tick)
      }
    }
    return true
  }

  /// Adds a sample's values to the cells of a row.
  @inline(__always)
  private static func add(
    _ values: Span<Double>, of sample: Sample, to rows: inout RowTable, row: Int,
    generation: UInt32, tick: UInt32, _ buckets: borrowing BucketSearch
  ) -> Bool {
    var cells = rows.row(row)
    guard cells.renew(generation, tick: tick) else { return false }
    switch sample.kind {
    case .counter:
      var total = CompensatedSum(sum: cells[sumCell], error: cells[errorCell])
      for index in values.indices { total.add(values[index]) }
      cells[sumCell] = total.sum
      cells[errorCell] = total.error
    case .gauge:
      for index in values.indices {
        let before = cells[sumCell]
        let base = sample.isRelative && !before.isNaN ? before : 0
        cells[sumCell] = CompensatedSum.clamped(base + values[index])
      }
    case .histogram:
      var sum = CompensatedSum(sum: cells[sumCell], error: cells[errorCell])
      var signs: UInt64 = 0
      for index in values.indices {
        let value = values[index]
        signs |= value.bitPattern
        let bucket = firstBucket &+ buckets.bucket(of: value)
        sum.add(CompensatedSum.clamped(value * sample.weight))
        cells[bucket] = CompensatedSum.clamped(cells[bucket] + sample.weight)
      }
      cells[sumCell] = sum.sum
      cells[errorCell] = sum.error
      if signs >> 63 == 1 { cells.noteNegative(values) }
    case .set: break
    }
    return true
  }

  /// Removes series whose last update was before `deadline`.
  mutating func sweep(
    rows: Int, before deadline: UInt32, hash: (Span<UInt8>) -> UInt64
  ) -> SweepStep {
    var groups = GaugeGroups()
    swap(&groups, &gauges)
    defer { swap(&groups, &gauges) }
    let step = series.sweep(
      rows: rows, before: deadline, isKept: { groups.hasValues(row: $0) }, hash: hash)
    for expired in step.expired { free(expired.row) }
    observations.truncate(to: series.rows.count)
    sets.truncate(to: series.rows.count)
    settings.truncate(to: series.rows.count)
    return step
  }

  /// Removes series that are no longer in the index.
  mutating func forget(rows: some Sequence<Int>) {
    for row in rows {
      gauges.removeAll(row: row)
      series.removeUnlisted(row: row)
      free(row)
    }
    observations.truncate(to: series.rows.count)
    sets.truncate(to: series.rows.count)
    series.truncateHolders()
  }

  private mutating func free(_ row: Int) {
    if observations.isKept { observations.free(row) }
    if kind == .set { sets.free(row) }
    if settings.isKept { settings.free(row) }
  }
}

extension SeriesClass {
  /// Cells that hold a series' values in its row.
  var valueCells: Int {
    switch kind {
    case .counter: 2
    case .gauge: 1
    case .histogram: 2 + layout.bucketCount
    case .set: 0
    }
  }
}
