/// What the forwarder knows of the rows of one table: which series it has sent, and in which frame last.
package struct SentRows: Sendable {
  /// That of the table when it was read; another one means another class.
  var serial: UInt64 = 0
  /// The generation of the series that was last read from each row.
  private(set) var generations: [UInt32] = []
  /// The last frame that carried each row; 0 where all that was sent of it is confirmed.
  private(set) var frames: [UInt64] = []

  package init() {}

  /// Forgets all rows of a class that is gone.
  mutating func reset(_ serial: UInt64) {
    self.serial = serial
    generations.removeAll()
    frames.removeAll()
  }

  mutating func makeRoom(for rows: Int) {
    guard generations.count < rows else { return }
    let missing = rows - generations.count
    generations.append(contentsOf: repeatElement(0, count: missing))
    frames.append(contentsOf: repeatElement(0, count: missing))
  }

  /// Notes which series a row holds, and clears its frame if that was confirmed.
  ///
  /// - Returns: Whether the series is new, and whether what was sent of it is still to be confirmed.
  @inline(__always)
  mutating func look(
    _ row: Int, _ generation: UInt32, _ confirmed: ConfirmedFrames
  ) -> (isNew: Bool, isWaiting: Bool) {
    if generations[row] != generation {
      generations[row] = generation
      frames[row] = 0
      return (true, false)
    }
    guard frames[row] != 0 else { return (false, false) }
    guard confirmed.contains(frames[row]) else { return (false, true) }
    frames[row] = 0
    return (false, false)
  }

  /// Notes the frame that carries a row.
  package mutating func note(_ row: Int, frame: UInt64) { frames[row] = frame }
}
