/// Where a series lives: its shard, and its row among those of its kind there.
package struct SeriesHandle: Sendable, BitwiseCopyable, Hashable {
  /// 64 shards at most, 67 million rows in each.
  static let rowBits: UInt32 = 26
  static let shardsMax = 64
  /// Rows of one shard and kind.
  static let rowsMax = 1 << Int(rowBits)

  /// What stands in place of a handle when a sample was refused.
  static let none = SeriesHandle(bits: .max)

  let bits: UInt32

  @inline(__always)
  private init(bits: UInt32) { self.bits = bits }

  init(shard: Int, row: Int) {
    bits = UInt32(shard) << SeriesHandle.rowBits | UInt32(row)
  }

  package var shard: Int { Int(bits >> SeriesHandle.rowBits) }
  package var row: Int { Int(bits & (1 << SeriesHandle.rowBits - 1)) }
}
