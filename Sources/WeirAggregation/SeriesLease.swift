/// A row, for as long as one series lives in it.
struct RowLease: Equatable, BitwiseCopyable {
  let row: Int
  /// What `RowLife.generation` was when the series moved in.
  let generation: UInt32
}

/// Where a series lives, for as long as it does: once it has expired the lease is void, whoever
/// lives there then.
package struct SeriesLease: Equatable, Sendable, BitwiseCopyable {
  let handle: SeriesHandle
  let generation: UInt32

  /// What stands in place of a lease when a sample was refused.
  static let none = SeriesLease(handle: .none, generation: 0)

  @inline(__always)
  init(handle: SeriesHandle, generation: UInt32) {
    self.handle = handle
    self.generation = generation
  }

  init(shard: Int, _ lease: RowLease) {
    self.init(handle: SeriesHandle(shard: shard, row: lease.row), generation: lease.generation)
  }
}
