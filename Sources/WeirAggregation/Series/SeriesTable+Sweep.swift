import WeirBytes

/// How much of a table is swept while its shard is locked. It is bounded so that receivers wait for
/// a fraction of a millisecond at most.
struct SweepStep {
  /// Rows to check.
  static let rowsMax = 4_096
  /// Series to remove.
  static let expiredMax = 512
  /// Bytes of spellings to move.
  static let movedBytesMax = 65_536

  /// A series that was removed.
  struct Expired {
    let row: Int
    let spelling: [UInt8]
  }

  /// Rows that were checked.
  var rows = 0
  var expired: [Expired] = []
}

extension SeriesTable {
  /// Removes series whose last update was before `deadline` and that no owner holds, and moves
  /// spellings out of sparse blocks. It continues where the sweep stopped before. After the last
  /// row it starts again at the first one.
  ///
  /// - Parameters:
  ///   - rows: The most rows to check.
  ///   - isKept: Whether something else than an owner's hold keeps the series in a live row.
  /// - Complexity: O(bounds of `SweepStep`).
  mutating func sweep(
    rows rowsMax: Int, before deadline: UInt32, isKept: (_ row: Int) -> Bool = { _ in false },
    hash: (Span<UInt8>) -> UInt64
  ) -> SweepStep {
    var step = SweepStep()
    var movedBytes = 0
    while step.rows < min(rowsMax, SweepStep.rowsMax), movedBytes < SweepStep.movedBytesMax,
      step.expired.count < SweepStep.expiredMax
    {
      if sweepRow >= rows.count { sweepRow = 0 }
      guard sweepRow < rows.count else { break }
      let life = rows.life(sweepRow)
      if life.isLive && life.tick < deadline && !isHeld(sweepRow) && !isKept(sweepRow) {
        step.expired.append(expire(row: sweepRow, hash))
      } else if life.isLive && names.sparseCount > 0 {
        movedBytes += moveIfSparse(sweepRow)
      }
      sweepRow += 1
      step.rows += 1
    }
    truncateHolders()
    return step
  }

  /// Removes the series in a live row, and returns its spelling.
  mutating func expire(row: Int, _ hash: (Span<UInt8>) -> UInt64) -> SweepStep.Expired {
    let series = copiedSpelling(of: row)
    remove(row: row, hash: hash(series.span))
    return SweepStep.Expired(row: row, spelling: series)
  }

  /// A copy of the spelling of the series in a live row.
  func copiedSpelling(of row: Int) -> [UInt8] {
    let spelling = spelling(of: row)
    let bytes = spelling.bytes
    return [UInt8](capacity: bytes.count) { output in
      for index in bytes.indices { output.append(bytes[index]) }
    }
  }

  /// Returns the number of bytes that were moved.
  private mutating func moveIfSparse(_ row: Int) -> Int {
    let place = place(of: row)
    guard names.isSparse(place) else { return 0 }
    setPlace(names.move(place), of: row)
    return place.length
  }
}
