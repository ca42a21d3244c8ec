import WeirState

/// What there is to write: changes for each commit, and slices of a new base.
///
/// One worker uses it, from one queue.
protocol StateSource {
  /// Appends what has changed since the last call; everything at the first call and after `reset`.
  mutating func writeChanges(into blocks: inout StateBlocks)
  /// Makes the next call of `writeChanges` write everything, and ends a base that was begun.
  mutating func reset()
  /// Begins a new base; what `writeChanges` appends belongs to both files from now on.
  mutating func beginBase()
  /// Appends the next slice of the new base.
  ///
  /// - Returns: Whether it was the last one.
  mutating func writeSlice(into blocks: inout StateBlocks) -> Bool
}

/// Where it is written: the state file, and the temporary file of a new base.
///
/// Every call may block for as long as the disk does. After an error of one file, it is not used any more.
protocol StateDisk {
  /// Bytes of the state file, and of the new one.
  var fileBytes: Int { get }
  var nextBytes: Int { get }
  /// Whether there is a new one.
  var hasNext: Bool { get }

  /// Appends to the state file, and returns when that is on disk.
  mutating func commit(_ bytes: [UInt8]) throws
  /// Begins a new file.
  mutating func beginNext() throws
  /// Appends to the new file.
  mutating func appendNext(_ bytes: [UInt8]) throws
  /// Returns when what was appended to the new file is on disk, so that its publication takes no longer.
  mutating func syncNext() throws
  /// Completes the new file, and puts it in place of the state file when all of it is on disk.
  mutating func publishNext() throws
  /// Gives up the new file, and removes it.
  mutating func discardNext()
  /// Closes both files.
  mutating func close()
}
