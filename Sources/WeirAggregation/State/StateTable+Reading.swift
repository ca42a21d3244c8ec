import WeirBytes
import WeirMetrics
import WeirState

// What the blocks of a table change.
extension StateTable {
  /// What is kept from block to block.
  struct Reader {
    /// The clock in `times` of the group.
    var second: UInt32 = 0
    /// The values of a row.
    var values: [Double] = []
  }

  mutating func read(
    _ type: StateBlockType, _ cursor: inout ByteCursor, _ reader: inout Reader
  ) throws(StateDamage) {
    switch type {
    case .series: try readSeries(&cursor, &reader)
    case .values: try readValues(&cursor, &reader)
    case .removed: try readRemoved(&cursor)
    case .natives: try readNatives(&cursor)
    case .summaries: try readSummaries(&cursor)
    case .sets: try readSets(&cursor)
    case .gauges: try readGauges(&cursor)
    case .settings: try readSettings(&cursor)
    default: return
    }
  }

  private mutating func readSeries(
    _ cursor: inout ByteCursor, _ reader: inout Reader
  ) throws(StateDamage) {
    let count = cursor.count(bytesEach: 6)
    var last = RowCursor()
    for _ in 0..<count {
      let place = try last.place(&cursor, seriesClass.kind, reader.second)
      let generation = cursor.varint()
      let born = cursor.varint()
      let length = cursor.varint()
      guard length <= UInt64(cursor.remaining) else { throw StateDamage.short }
      let start = cursor.skip(Int(length))
      if cursor.hasFailed { throw StateDamage.short }
      guard generation & 1 == 1, let generation = UInt32(exactly: generation) else {
        throw StateDamage("a series has no valid generation")
      }
      guard let born = UInt32(exactly: born) else {
        throw StateDamage("a series begins after the year 2106")
      }
      guard length <= UInt64(SeriesNames.spellingBytesMax) else {
        throw StateDamage("the spelling of a series is too long")
      }
      let range = start..<start + Int(length)
      guard let check = SpellingCheck(cursor.bytes, range) else {
        throw StateDamage("a series is not spelled as Weir spells it")
      }
      if seriesClass.kind == .histogram,
        seriesClass.observer.summary == nil ? check.hasBound : check.hasQuantile
      {
        throw StateDamage("a series has a label of its own lines")
      }
      longest.add(check, Int(length))
      try readCells(&cursor, place, into: &reader.values)
      var row = Row(
        row: UInt32(place.row), generation: generation, tick: place.tick, born: born,
        spelling: start, length: UInt32(length), nameLength: UInt32(check.nameLength), flags: [])
      if place.isNegative { row.flags.insert(.negative) }
      if check.isQuoted { row.flags.insert(.quoted) }
      if check.isOverflow { row.flags.insert(.overflow) }
      put(row, reader.values)
    }
  }

  /// Makes a series, or another one in its row.
  private mutating func put(_ row: Row, _ values: [Double]) {
    if let place = places[Int(row.row)] {
      rows[place] = row
      for cell in 0..<width { cells[place * width + cell] = values[cell] }
      if seriesClass.observer.native != nil { natives[place] = noNative }
      if seriesClass.observer.summary != nil { summaries[place] = Steps() }
      if seriesClass.kind == .set { sets[place] = SetSteps() }
      if !gauges.isEmpty { gauges[place] = nil }
      if !settings.isEmpty { settings[place] = nil }
      return
    }
    liveCount += 1
    places.set(Int(row.row), to: rows.count)
    rows.append(row)
    cells.append(contentsOf: values)
    if seriesClass.observer.native != nil { natives.append(noNative) }
    if seriesClass.observer.summary != nil { summaries.append(Steps()) }
    if seriesClass.kind == .set { sets.append(SetSteps()) }
  }

  private var noNative: NativeHistogram {
    NativeHistogram(schema: seriesClass.observer.native?.schema ?? .coarsest)
  }

  private mutating func readValues(
    _ cursor: inout ByteCursor, _ reader: inout Reader
  ) throws(StateDamage) {
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 2) {
      let read = try last.place(&cursor, seriesClass.kind, reader.second)
      try readCells(&cursor, read, into: &reader.values)
      guard let place = places[read.row] else { continue }
      rows[place].tick = read.tick
      if read.isNegative { rows[place].flags.insert(.negative) }
      for cell in 0..<width { cells[place * width + cell] = reader.values[cell] }
    }
  }

  /// Reads the values of a row.
  private func readCells(
    _ cursor: inout ByteCursor, _ place: RowCursor.Place, into values: inout [Double]
  ) throws(StateDamage) {
    values.removeAll(keepingCapacity: true)
    switch seriesClass.kind {
    case .set: return
    case .gauge:
      let value = cursor.number()
      if value.isInfinite { throw StateDamage("a gauge is infinite") }
      values.append(value)
    case .counter, .histogram:
      values.append(cursor.number())
      values.append(place.hasError ? Double(bitPattern: cursor.word()) : 0)
      for _ in 2..<max(width, 2) { values.append(cursor.number()) }
      var areFinite = true
      for value in values { areFinite = areFinite && value.isFinite }
      guard areFinite else { throw StateDamage("a value is not a finite number") }
      if seriesClass.kind == .counter, values[0] < 0 { throw StateDamage("a counter is negative") }
    }
    if cursor.hasFailed { throw StateDamage.short }
  }

  private mutating func readRemoved(_ cursor: inout ByteCursor) throws(StateDamage) {
    var last = RowCursor()
    for _ in 0..<cursor.count() {
      let row = try last.row(&cursor)
      guard let place = places[row] else { continue }
      places.remove(row)
      rows[place].generation = 0
      liveCount -= 1
      if seriesClass.observer.native != nil { natives[place] = noNative }
      if seriesClass.observer.summary != nil { summaries[place] = Steps() }
      if seriesClass.kind == .set { sets[place] = SetSteps() }
      gauges[place] = nil
      settings[place] = nil
    }
  }

  private mutating func readSettings(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard seriesClass.kind == .gauge else { throw StateDamage("its class has no gauges") }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 12) {
      let row = try last.row(&cursor)
      let count = cursor.varint()
      let value = cursor.number()
      let changes = CompensatedSum(
        sum: cursor.number(), error: Double(bitPattern: cursor.word()))
      guard value.isFinite, changes.sum.isFinite, changes.error.isFinite else {
        throw StateDamage("a setting of a gauge is not a finite number")
      }
      guard let place = places[row] else { continue }
      settings[place] = GaugeSettings(count: count, value: value, changes: changes)
    }
  }

  private mutating func readNatives(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard let options = seriesClass.observer.native else {
      throw StateDamage("its class has no native histograms")
    }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 3) {
      let row = try last.row(&cursor)
      let native = try NativeHistogram(
        &cursor, finest: options.schema, bucketsMax: options.bucketsMax)
      if let place = places[row] { natives[place] = native }
    }
  }

  private mutating func readSummaries(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard let options = seriesClass.observer.summary else {
      throw StateDamage("its class has no summaries")
    }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 3) {
      let row = try last.row(&cursor)
      let place = places[row]
      var kept = place.map { summaries[$0] } ?? Steps()
      try kept.read(&cursor, covering: options.ageBuckets) {
        (cursor: inout ByteCursor) throws(StateDamage) in
        try NativeHistogram(
          &cursor, finest: SummaryWindow.schema, bucketsMax: SummaryWindow.bucketsMax)
      }
      if let place { summaries[place] = kept }
    }
  }

  private mutating func readSets(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard seriesClass.kind == .set else { throw StateDamage("its class is not of sets") }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 4) {
      let row = try last.row(&cursor)
      let place = places[row]
      let begun = cursor.byte()
      guard begun <= 1 else { throw StateDamage("a set has an unknown mark") }
      var kept = place.map { sets[$0] } ?? SetSteps()
      kept.isBegun = begun == 1
      try kept.window.read(&cursor, covering: SetOptions.steps) {
        (cursor: inout ByteCursor) throws(StateDamage) in try SetSketch(&cursor)
      }
      if let place { sets[place] = kept }
    }
  }

  private mutating func readGauges(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard seriesClass.kind == .gauge else { throw StateDamage("its class is not of gauges") }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 5) {
      let row = try last.row(&cursor)
      let gauge = try Gauge(&cursor)
      if let place = places[row] { gauges[place] = gauge.members.isEmpty ? nil : gauge }
    }
  }
}
