import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

// What the blocks of a table change.
extension StateTable {
  /// - Parameter second: The clock in `times` of the group.
  mutating func read(
    _ type: StateBlockType, _ cursor: inout ByteCursor, second: UInt32
  ) throws(StateDamage) {
    switch type {
    case .series: try readSeries(&cursor, second)
    case .values: try readValues(&cursor, second)
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
    _ cursor: inout ByteCursor, _ second: UInt32
  ) throws(StateDamage) {
    let count = cursor.count(bytesEach: 6)
    let kind = kind
    let ownLabels = ownLabels
    var last = RowCursor()
    for _ in 0..<count {
      let place = try last.place(&cursor, kind, second)
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
      guard let check = SpellingCheck(cursor.bytes, start..<start + Int(length)) else {
        throw StateDamage("a series is not spelled as Weir spells it")
      }
      if ownLabels == .bound && check.hasBound || ownLabels == .quantile && check.hasQuantile {
        throw StateDamage("a series has a label of its own lines")
      }
      longest.add(check, Int(length))
      var row = Row(
        row: UInt32(place.row), generation: generation, tick: place.tick, born: born,
        spelling: start, length: UInt32(length), nameLength: UInt32(check.nameLength), flags: [])
      if place.isNegative { row.flags.insert(.negative) }
      if check.isQuoted { row.flags.insert(.quoted) }
      if check.isOverflow { row.flags.insert(.overflow) }
      try readCells(&cursor, hasError: place.hasError, of: put(row))
    }
  }

  /// Makes a series, or another one in its row.
  ///
  /// - Returns: Its place, of which the cells are still those of the series before, or 0.
  private mutating func put(_ row: Row) -> Int {
    if let place = places[Int(row.row)] {
      rows[place] = row
      if keepsNatives { natives[place] = noNative }
      if keepsSummaries { summaries[place] = Steps() }
      if kind == .set { sets[place] = SetSteps() }
      if !gauges.isEmpty { gauges[place] = nil }
      if !settings.isEmpty { settings[place] = nil }
      return place
    }
    liveCount += 1
    let place = rows.count
    places.set(Int(row.row), to: place)
    rows.append(row)
    for _ in 0..<width { cells.append(0) }
    if keepsNatives { natives.append(noNative) }
    if keepsSummaries { summaries.append(Steps()) }
    if kind == .set { sets.append(SetSteps()) }
    return place
  }

  private var noNative: NativeHistogram {
    NativeHistogram(schema: seriesClass.observer.native?.schema ?? .coarsest)
  }

  private mutating func readValues(
    _ cursor: inout ByteCursor, _ second: UInt32
  ) throws(StateDamage) {
    let kind = kind
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 2) {
      let read = try last.place(&cursor, kind, second)
      guard let place = places[read.row] else {
        // Checked all the same, in cells that are dropped again.
        for _ in 0..<width { cells.append(0) }
        try readCells(&cursor, hasError: read.hasError, of: rows.count)
        cells.removeLast(width)
        continue
      }
      rows[place].tick = read.tick
      if read.isNegative { rows[place].flags.insert(.negative) }
      try readCells(&cursor, hasError: read.hasError, of: place)
    }
  }

  /// Reads the cells of a place.
  @inline(__always)
  private mutating func readCells(
    _ cursor: inout ByteCursor, hasError: Bool, of place: Int
  ) throws(StateDamage) {
    let start = place * width
    switch kind {
    case .set: return
    case .gauge:
      let value = cursor.number()
      if value.isInfinite { throw StateDamage("a gauge is infinite") }
      cells[start] = value
    case .counter, .histogram:
      let sum = cursor.number()
      cells[start] = sum
      cells[start + 1] = hasError ? Double(bitPattern: cursor.word()) : 0
      var areFinite = sum.isFinite && cells[start + 1].isFinite
      for cell in start + 2..<max(start + width, start + 2) {
        let value = cursor.number()
        cells[cell] = value
        areFinite = areFinite && value.isFinite
      }
      guard areFinite else { throw StateDamage("a value is not a finite number") }
      if kind == .counter, sum < 0 { throw StateDamage("a counter is negative") }
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
      if keepsNatives { natives[place] = noNative }
      if keepsSummaries { summaries[place] = Steps() }
      if kind == .set { sets[place] = SetSteps() }
      gauges[place] = nil
      settings[place] = nil
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
    guard kind == .set else { throw StateDamage("its class is not of sets") }
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
    guard kind == .gauge else { throw StateDamage("its class is not of gauges") }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 5) {
      let row = try last.row(&cursor)
      let gauge = try Gauge(&cursor)
      if let place = places[row] { gauges[place] = gauge.members.isEmpty ? nil : gauge }
    }
  }

  private mutating func readSettings(_ cursor: inout ByteCursor) throws(StateDamage) {
    guard kind == .gauge else { throw StateDamage("its class is not of gauges") }
    var last = RowCursor()
    for _ in 0..<cursor.count(bytesEach: 12) {
      let row = try last.row(&cursor)
      var read = GaugeSettings()
      read.count = cursor.varint()
      read.value = cursor.number()
      read.changes = CompensatedSum(
        sum: cursor.number(), error: Double(bitPattern: cursor.word()))
      if cursor.hasFailed { throw StateDamage.short }
      guard read.count <= PushFormat.settingsMax, !read.value.isInfinite, read.changes.sum.isFinite,
        read.changes.error.isFinite
      else {
        throw StateDamage("the settings of a gauge are impossible")
      }
      if let place = places[row] { settings[place] = read.hasText ? read : nil }
    }
  }
}
