import WeirBytes

/// Finds the row of a series by its spelling: an open-addressing table of a shard and kind.
struct SeriesIndex: ~Copyable {
  private(set) var names = SeriesNames()
  /// The upper half of the hash, and the row plus one; zero where free.
  private var slots = [UInt64](repeating: 0, count: 16)
  private var mask = 15

  /// The row of `series`, or nil.
  ///
  /// - Complexity: O(1) expected, for a hash under a secret key.
  func find(_ series: Span<UInt8>, hash: UInt64) -> Int? {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if slots[slot] >> 32 == hash >> 32 {
        let row = Int(slots[slot] & 0xFFFF_FFFF) - 1
        let spelling = names.spelling(row)
        let name = spelling.bytes
        if name.count == series.count,
          name.matches(0, series, at: 0, length: series.count)
        {
          return row
        }
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Adds a series that is not there yet, and returns its row.
  mutating func insert(_ series: [UInt8], hash: UInt64, rehash: (Span<UInt8>) -> UInt64) -> Int {
    let row = names.count
    names.append(series)
    if names.count * 4 > slots.count * 3 {
      grow(rehash)
    } else {
      place(row: row, hash: hash)
    }
    return row
  }

  private mutating func grow(_ rehash: (Span<UInt8>) -> UInt64) {
    slots = [UInt64](repeating: 0, count: slots.count * 2)
    mask = slots.count - 1
    for row in 0..<names.count {
      let spelling = names.spelling(row)
      place(row: row, hash: rehash(spelling.bytes))
    }
  }

  private mutating func place(row: Int, hash: UInt64) {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = (hash >> 32) << 32 | UInt64(row + 1)
  }
}
