/// A row, valid until the series in it expires.
struct RowLease: Equatable, BitwiseCopyable {
  let row: Int
  /// The value of `RowLife.generation` when the series got the row.
  let generation: UInt32
}

/// Where a series is kept: its shard, the table of its class, and its row. After the series has
/// expired the lease is void, even when the row holds another series.
package struct SeriesLease: Equatable, Sendable, BitwiseCopyable {
  let handle: SeriesHandle
  let generation: UInt32
  package let classID: ClassID

  /// Marks a sample without a series.
  static let none = SeriesLease(handle: .none, generation: 0, classID: ClassID(0))

  @inline(__always)
  init(handle: SeriesHandle, generation: UInt32, classID: ClassID) {
    self.handle = handle
    self.generation = generation
    self.classID = classID
  }

  init(shard: Int, _ classID: ClassID, _ lease: RowLease) {
    self.init(
      handle: SeriesHandle(shard: shard, row: lease.row), generation: lease.generation,
      classID: classID)
  }

  /// The row and its generation.
  @inline(__always)
  var rowLease: RowLease { RowLease(row: handle.row, generation: generation) }
}
