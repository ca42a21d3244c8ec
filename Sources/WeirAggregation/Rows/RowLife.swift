/// The first cell of a row: which series lives in it, and when that was last updated.
///
/// It lies in the row, and not in a column of its own, because an update touches that cache line
/// anyway.
struct RowLife: Equatable {
  /// Raised when a series moves in and when it leaves, so that it is odd while one lives there, and
  /// never again what it was for another.
  var generation: UInt32
  /// The second of the last update; in a free row, the next free one of its chunk.
  var tick: UInt32

  @inline(__always)
  init(generation: UInt32, tick: UInt32) {
    self.generation = generation
    self.tick = tick
  }

  /// Reads the cell, whose bits are no number.
  @inline(__always)
  init(cell: Double) {
    generation = UInt32(truncatingIfNeeded: cell.bitPattern >> 32)
    tick = UInt32(truncatingIfNeeded: cell.bitPattern)
  }

  @inline(__always)
  var cell: Double { Double(bitPattern: UInt64(generation) << 32 | UInt64(tick)) }

  @inline(__always)
  var isLive: Bool { generation & 1 == 1 }
}

extension MutableSpan<Double> {
  /// Notes an update of a row's series in the second `tick`.
  ///
  /// - Returns: False, and nothing has changed, where it is not the series of that generation.
  @inline(__always)
  mutating func renew(_ generation: UInt32, tick: UInt32) -> Bool {
    guard RowLife(cell: self[0]).generation == generation else { return false }
    self[0] = RowLife(generation: generation, tick: tick).cell
    return true
  }
}
