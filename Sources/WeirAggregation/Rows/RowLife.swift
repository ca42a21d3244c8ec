/// The first cell of a row: which series holds the row, and when it was last updated.
///
/// It is in the row, and not in a column of its own, because an update touches that cache line
/// anyway.
struct RowLife: Equatable {
  /// Raised when a series gets the row and when it is removed. So it is odd while a series holds
  /// the row, and two series of a row never have the same one.
  var generation: UInt32
  /// The second of the last update; in a free row, the next free row of its chunk.
  var tick: UInt32

  @inline(__always)
  init(generation: UInt32, tick: UInt32) {
    self.generation = generation
    self.tick = tick
  }

  /// Reads the cell. Its bits are not a number.
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
  /// Updates the time of a row's series to the second `tick`.
  ///
  /// - Returns: False, and nothing has changed, if the row does not hold the series of that
  ///   generation.
  @inline(__always)
  mutating func renew(_ generation: UInt32, tick: UInt32) -> Bool {
    guard RowLife(cell: self[0]).generation == generation else { return false }
    self[0] = RowLife(generation: generation, tick: tick).cell
    return true
  }
}
