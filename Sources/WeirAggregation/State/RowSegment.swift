import WeirMetrics

/// Some rows of one table, with what a reader must know of the table.
struct RowSegment: Sendable {
  var copy = RowCopy()
  fileprivate(set) var classID = ClassID(0)
  fileprivate(set) var shard = 0
  fileprivate(set) var numbered: NumberedClass?

  fileprivate mutating func begin(
    _ shard: Int, _ classID: ClassID, _ table: borrowing ClassTable
  ) {
    self.shard = shard
    self.classID = classID
    numbered = NumberedClass(
      id: classID, serial: table.serial, seriesClass: table.seriesClass, isPushed: table.isPushed)
    copy.begin(width: table.series.rows.width)
  }
}

/// Which rows of a table the state file knows.
struct SeenTable: Sendable {
  /// That of the class whose rows they are; 0 for none.
  var serial: UInt64 = 0
  /// By row, the generation that was seen.
  var generations: [UInt32] = []
}

extension SeriesShardState {
  /// Copies rows of a table that have changed, from `row` on.
  ///
  /// - Returns: The next row to look at; nil after the last one.
  mutating func copyChanges(
    _ shard: Int, _ classID: ClassID, from row: Int, since: UInt32, seen: inout SeenTable,
    into segment: inout RowSegment
  ) -> Int? {
    segment.begin(shard, classID, tables[classID])
    if seen.serial != tables[classID].serial {
      // The number was given to another class, whose rows have nothing to do with those before.
      segment.copy.remove(allOf: seen.generations)
      seen = SeenTable(serial: tables[classID].serial)
      if row > 0 { return 0 }
    }
    return tables[classID].copyRows(
      row..<row + RowCopy.rowsMax, .changed(since: since), notesSaved: true,
      seen: &seen.generations, into: &segment.copy)
  }

  /// Copies the series of some rows of a table that were seen before.
  ///
  /// - Returns: As above.
  mutating func copyKnown(
    _ shard: Int, _ classID: ClassID, from row: Int, seen: SeenTable,
    into segment: inout RowSegment
  ) -> Int? {
    segment.begin(shard, classID, tables[classID])
    guard seen.serial == tables[classID].serial else { return nil }
    return tables[classID].copyKnown(
      row..<row + RowCopy.rowsMax, seen: seen.generations, into: &segment.copy)
  }
}
