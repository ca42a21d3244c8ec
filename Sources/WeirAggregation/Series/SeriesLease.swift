/// A row, valid until the series in it expires.
struct RowLease: Equatable, BitwiseCopyable {
  let row: Int
  /// The value of `RowLife.generation` when the series got the row.
  let generation: UInt32
}

/// Where a series is kept: its shard, the table of its class, and its row. After the series has
/// expired the lease is void, even when the row holds another series.
package struct SeriesLease: Hashable, Sendable, BitwiseCopyable {
  /// Handle and generation, in one word: a lease is copied for each sample.
  private let word: UInt64
  package let classID: ClassID

  /// Marks a sample without a series.
  static let none = SeriesLease(handle: .none, generation: 0, classID: ClassID(0))

  @inline(__always)
  init(handle: SeriesHandle, generation: UInt32, classID: ClassID) {
    word = UInt64(handle.bits) << 32 | UInt64(generation)
    self.classID = classID
  }

  init(shard: Int, _ classID: ClassID, _ lease: RowLease) {
    self.init(
      handle: SeriesHandle(shard: shard, row: lease.row), generation: lease.generation,
      classID: classID)
  }

  @inline(__always)
  var handle: SeriesHandle { SeriesHandle(bits: UInt32(truncatingIfNeeded: word >> 32)) }

  @inline(__always)
  var generation: UInt32 { UInt32(truncatingIfNeeded: word) }

  /// The row and its generation.
  @inline(__always)
  var rowLease: RowLease { RowLease(row: handle.row, generation: generation) }
}
