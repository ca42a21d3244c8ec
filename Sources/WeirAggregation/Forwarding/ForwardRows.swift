import Synchronization
import WeirBytes
import WeirMetrics

/// Rows of one table that are to be forwarded, copied while their shard was locked. They become frames outside
/// the lock.
///
///     rows    [7, 9, 12, …]                    ascending
///     cells   7: life place v v │ 9: …         `width` for each row
///     text    name{label="value"}name…         `ends` has the end of each spelling
package struct ForwardRows: Sendable {
  /// Rows that are looked at while a shard is locked once. It takes some 100 µs if all of them are copied.
  package static let rowsMax = 2_048

  package private(set) var seriesClass = SeriesClass(.counter)
  package private(set) var rows: [UInt32] = []
  /// When each series was made, in seconds since 1970.
  package private(set) var born: [UInt32] = []
  package private(set) var text: [UInt8] = []
  private var ends: [Int] = []
  private var cells: [Double] = []
  private var width = 0
  private var natives: [NativeHistogram] = []
  private var sets: [SetWindow] = []
  private var gauges: [GaugeSettings] = []
  /// Whether all steps of a set are sent, and not only the newest ones.
  private var areWhole: [Bool] = []
  /// Rows of the range whose series waits for a confirmation.
  package private(set) var waiting = 0

  package init() {}

  package var indices: Range<Int> { rows.indices }

  /// Where the spelling `name{label="value",…}` of a row is in `text`.
  @inline(__always)
  package func spelling(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// The total of a counter, or the sum of a histogram's observations.
  @inline(__always)
  package func sum(_ index: Int) -> Double {
    let start = index * width + SeriesTable.firstValueCell
    return CompensatedSum(sum: cells[start], error: cells[start + 1]).value
  }

  /// The value of a gauge; NaN before the first.
  package func value(_ index: Int) -> Double { cells[index * width + SeriesTable.firstValueCell] }

  /// The weight in each of a histogram's buckets, not cumulated, `+Inf` last.
  package func buckets(_ index: Int) -> ArraySlice<Double> {
    cells[index * width + SeriesTable.firstValueCell + 2..<(index + 1) * width]
  }

  /// The native histogram of a row; nil if the class keeps none.
  package func native(_ index: Int) -> NativeHistogram? { natives.isEmpty ? nil : natives[index] }

  /// The members of a set, by step.
  ///
  /// The step before the newest is sent as well, so that what came after the last round of a step is not left out.
  package func steps(_ index: Int, second: UInt32) -> [SetWindow.Step] {
    sets[index].steps(
      second: second, seriesClass.sets, latest: areWhole[index] ? SetOptions.steps : 2)
  }

  /// How text has set a gauge: how often, to which value last, and the sum of the changes since then; nil if it
  /// has not.
  package func settings(_ index: Int) -> (count: UInt64, value: Double, changes: Double)? {
    guard !gauges.isEmpty, gauges[index].hasText else { return nil }
    return (gauges[index].count, gauges[index].value, gauges[index].changes.value)
  }

  mutating func begin() {
    rows.removeAll(keepingCapacity: true)
    born.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    // Released now, because the shard would have to copy shared storage at the next update.
    natives.removeAll(keepingCapacity: true)
    gauges.removeAll(keepingCapacity: true)
    sets.removeAll(keepingCapacity: true)
    areWhole.removeAll(keepingCapacity: true)
    waiting = 0
  }

  /// Copies rows of a table.
  fileprivate mutating func copy(
    _ range: Range<Int>, of table: inout ClassTable, _ choice: ForwardChoice, second: UInt32,
    _ confirmed: ConfirmedFrames, _ sent: inout SentRows
  ) {
    seriesClass = table.seriesClass
    width = table.series.rows.width
    sent.makeRoom(for: range.upperBound)
    for row in range {
      let life = table.series.rows.life(row)
      guard life.isLive else { continue }
      let (isNew, isWaiting) = sent.look(row, life.generation, confirmed)
      if isWaiting { waiting += 1 }
      guard choice.takes(row, tick: life.tick, isNew: isNew, isWaiting: isWaiting) else { continue }
      append(row, of: table)
      if table.kind == .set {
        sets.append(table.sets.window(row, second: second))
        areWhole.append(isNew || choice.isOfShare(row))
      }
    }
  }

  @inline(__always)
  private mutating func append(_ row: Int, of table: borrowing ClassTable) {
    let place = table.series.place(of: row)
    rows.append(UInt32(truncatingIfNeeded: row))
    born.append(table.series.names.born(place))
    table.series.names.append(place, to: &text)
    ends.append(text.count)
    let values = table.series.rows.cells(of: row)
    for cell in 0..<width { cells.append(values[cell]) }
    if table.observations.isKept, let native = table.observations.native(row) {
      natives.append(native)
    }
    if table.settings.isKept { gauges.append(table.settings[row]) }
  }
}

extension Aggregator {
  package var shardCount: Int { shards.count }

  /// The second of Weir's clock.
  package var second: UInt32 { clock.load(ordering: .relaxed) }

  /// One more than the greatest class number that has a table in a shard.
  package func tableCount(ofShard shard: Int) -> Int {
    shards[shard].state.withLock { $0.tables.count }
  }

  /// Copies the rows of a table that a round sends, of at most `ForwardRows.rowsMax`.
  ///
  /// - Parameters:
  ///   - first: The first row to look at.
  ///   - sent: What is known of the table's rows. It is brought up to date.
  /// - Returns: The row at which to continue; nil after the last.
  package func copyForward(
    shard: Int, table: Int, from first: Int, _ choice: ForwardChoice,
    _ confirmed: ConfirmedFrames, _ sent: inout SentRows, into rows: inout ForwardRows
  ) -> Int? {
    rows.begin()
    let second = second
    return shards[shard].state.withLock { state in
      guard table < state.tables.count else { return nil }
      let classID = ClassID(table)
      if sent.serial != state.tables[classID].serial {
        sent.reset(state.tables[classID].serial)
      }
      let count = state.tables[classID].series.rows.count
      let end = min(first + ForwardRows.rowsMax, count)
      guard first < end else { return nil }
      rows.copy(
        first..<end, of: &state.tables[classID], choice, second: second, confirmed, &sent)
      return end < count ? end : nil
    }
  }
}
