/// The shard of a series, and its row in the table of its class in that shard.
package struct SeriesHandle: Sendable, BitwiseCopyable, Hashable {
  /// 64 shards at most, 67 million rows in each.
  static let rowBits: UInt32 = 26
  static let shardsMax = 64
  /// Rows of one shard and class.
  static let rowsMax = 1 << Int(rowBits)

  /// Marks a sample without a series.
  static let none = SeriesHandle(bits: .max)

  let bits: UInt32

  @inline(__always)
  init(bits: UInt32) { self.bits = bits }

  init(shard: Int, row: Int) {
    precondition(
      shard >= 0 && shard < SeriesHandle.shardsMax && row >= 0 && row < SeriesHandle.rowsMax)
    bits = UInt32(shard) << SeriesHandle.rowBits | UInt32(row)
  }

  package var shard: Int { Int(bits >> SeriesHandle.rowBits) }
  package var row: Int { Int(bits & (1 << SeriesHandle.rowBits - 1)) }
}
