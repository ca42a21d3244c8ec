import WeirBytes
import WeirMetrics
import WeirState

/// Encodes rows: their series, their values, and which of them are gone.
extension StateEncoder {
  /// Appends everything about some rows of a table.
  mutating func append(_ segment: RowSegment, into blocks: inout StateBlocks) {
    appendRemoved(segment, into: &blocks)
    appendRows(segment, areNew: true, into: &blocks)
    appendRows(segment, areNew: false, into: &blocks)
    appendKept(segment, into: &blocks)
  }

  private mutating func appendRemoved(_ segment: RowSegment, into blocks: inout StateBlocks) {
    let rows = segment.copy.removed
    var (before, count): (UInt32, Int) = (0, 0)
    for row in rows {
      entries.append(varint: UInt64(row - before))
      (before, count) = (row, count + 1)
      if isFull {
        end(.removed, of: segment, count: count, into: &blocks)
        (before, count) = (0, 0)
      }
    }
    end(.removed, of: segment, count: count, into: &blocks)
    counts.removed += rows.count
  }

  /// Appends the rows whose series are new to the reader, or the others.
  private mutating func appendRows(
    _ segment: RowSegment, areNew: Bool, into blocks: inout StateBlocks
  ) {
    guard let seriesClass = segment.numbered?.seriesClass else { return }
    let type: StateBlockType = areNew ? .series : .values
    let copy = segment.copy
    let (rows, cells) = (copy.rows.span, copy.cells.span)
    var (before, count, all): (UInt32, Int, Int) = (0, 0, 0)
    for place in rows.indices where rows[place].isNew == areNew {
      let row = rows[place]
      let values = cells.extracting(place * copy.width..<(place + 1) * copy.width)
      appendPlace(row.index &- before, values, seriesClass.kind)
      if areNew {
        entries.append(varint: UInt64(RowLife(cell: values[0]).generation))
        entries.append(varint: UInt64(row.born))
        entries.append(varint: row.text.count)
        entries.append(bytes: copy.spelling(place))
      }
      append(values, seriesClass.kind)
      (before, count, all) = (row.index, count + 1, all + 1)
      if isFull {
        end(type, of: segment, count: count, into: &blocks)
        (before, count) = (0, 0)
      }
    }
    end(type, of: segment, count: count, into: &blocks)
    if areNew { counts.series += all } else { counts.values += all }
  }

  /// - Parameter distance: From the row before it.
  @inline(__always)
  private mutating func appendPlace(
    _ distance: UInt32, _ cells: Span<Double>, _ kind: MetricKind
  ) {
    var place = UInt64(distance) &<< 2
    switch kind {
    case .counter: if cells[ClassTable.errorCell] != 0 { place |= 1 }
    case .gauge, .set: break
    case .histogram:
      if cells[ClassTable.errorCell] != 0 { place |= 1 }
      let marks = cells[SeriesTable.placeCell].bitPattern
      if marks & RowMarks.negative.rawValue != 0 { place |= 2 }
    }
    entries.append(varint: place)
    entries.append(varint: age(RowLife(cell: cells[0]).tick))
  }

  @inline(__always)
  private mutating func append(_ cells: Span<Double>, _ kind: MetricKind) {
    switch kind {
    case .counter: appendSum(cells)
    case .gauge: entries.append(number: cells[ClassTable.sumCell])
    case .histogram:
      appendSum(cells)
      for cell in ClassTable.firstBucket..<cells.count { entries.append(number: cells[cell]) }
    case .set: break
    }
  }

  @inline(__always)
  private mutating func appendSum(_ cells: Span<Double>) {
    entries.append(number: cells[ClassTable.sumCell])
    let error = cells[ClassTable.errorCell]
    if error != 0 { entries.append(f64: error) }
  }
}
