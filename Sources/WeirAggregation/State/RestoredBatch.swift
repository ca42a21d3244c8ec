import WeirBytes

/// Series of one table of a state file that are about to be made. They are made a shard at a time,
/// so that its lock is taken once for many of them.
///
///     rows    r0 r1 r2 r3 r4 …                           as in the file
///     order   [ shard 0: r1 r4 … ]  [ shard 1: r0 … ]  … after `group`
struct RestoredBatch: ~Copyable {
  struct Row: BitwiseCopyable {
    /// In the file's table.
    let place: UInt32
    /// In `RestoredNames.open`.
    let open: UInt32
    /// The hash of its spelling.
    let digest: UInt64
    /// Its class in the aggregator.
    let classID: ClassID
  }

  /// So many that what is read of the file for them is still in the cache when they are made.
  private static let rowsMax = 2_048

  private let shards: Int
  private(set) var rows = Column<Row>(capacity: rowsMax)
  private(set) var order = Column<UInt32>(capacity: rowsMax)
  /// Where the rows of each shard end in `order`.
  private var ends: [Int]

  /// - Parameter shards: A power of two.
  init(shards: Int) {
    self.shards = shards
    ends = [Int](repeating: 0, count: shards)
  }

  var isFull: Bool { rows.count == RestoredBatch.rowsMax }

  mutating func append(_ row: Row) { rows.append(row) }

  mutating func removeAll() { rows.removeAll() }

  /// Sorts the rows by shard. Those of a shard stay in order.
  mutating func group() {
    for shard in ends.indices { ends[shard] = 0 }
    for index in rows.indices { ends[shard(of: rows[index])] &+= 1 }
    var start = 0
    for shard in ends.indices {
      let count = ends[shard]
      ends[shard] = start
      start &+= count
    }
    order.resize(to: rows.count, filling: 0)
    for index in rows.indices {
      let shard = shard(of: rows[index])
      order[ends[shard]] = UInt32(truncatingIfNeeded: index)
      ends[shard] &+= 1
    }
  }

  /// Where the rows of a shard are in `order`.
  func group(of shard: Int) -> Range<Int> { (shard == 0 ? 0 : ends[shard - 1])..<ends[shard] }

  @inline(__always)
  private func shard(of row: Row) -> Int { Aggregator.shard(of: row.digest, count: shards) }
}
