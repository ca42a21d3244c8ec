/// A set of rows of a table, a bit for each.
struct RowSet: Sendable {
  private var words: [UInt64] = []

  @inline(__always)
  func contains(_ row: Int) -> Bool {
    row >> 6 < words.count && words[row >> 6] >> UInt64(row & 63) & 1 == 1
  }

  /// - Complexity: O(1), amortised.
  mutating func insert(_ row: Int) {
    if row >> 6 >= words.count {
      words.append(contentsOf: repeatElement(0, count: (row >> 6) + 1 - words.count))
    }
    words[row >> 6] |= 1 << UInt64(row & 63)
  }

  mutating func remove(_ row: Int) {
    guard contains(row) else { return }
    words[row >> 6] &= ~(1 << UInt64(row & 63))
  }
}
