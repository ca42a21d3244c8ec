/// Where each row of a table of the state file is in its columns.
///
/// Rows are nearly always dense, so that a list of all rows is small. A file can say any number of a row,
/// so where the list would be much longer than what was read, a dictionary takes its place.
struct RowPlaces: Sendable {
  /// By row, the place plus one, or 0.
  private var dense: [UInt32] = []
  private var sparse: [Int: UInt32]?
  private var count = 0

  /// The list may have this many rows for each that is there.
  private static let rowsForEach = 16
  private static let rowsAlways = 64

  subscript(row: Int) -> Int? {
    if let sparse { return sparse[row].map { Int($0) } }
    guard row < dense.count, dense[row] > 0 else { return nil }
    return Int(dense[row]) - 1
  }

  mutating func set(_ row: Int, to place: Int) {
    count += 1
    if sparse == nil, row >= dense.count {
      if row == dense.count {
        dense.append(0)
      } else if row > RowPlaces.rowsForEach * count + RowPlaces.rowsAlways {
        beginSparse()
      } else {
        dense.append(contentsOf: repeatElement(0, count: row + 1 - dense.count))
      }
    }
    if sparse == nil { dense[row] = UInt32(place + 1) } else { sparse?[row] = UInt32(place) }
  }

  mutating func remove(_ row: Int) {
    if sparse == nil {
      if row < dense.count { dense[row] = 0 }
    } else {
      sparse?[row] = nil
    }
  }

  private mutating func beginSparse() {
    var known: [Int: UInt32] = [:]
    for (row, place) in dense.enumerated() where place > 0 { known[row] = place - 1 }
    sparse = known
    dense = []
  }
}
