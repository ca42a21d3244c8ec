// Safety: each chunk is allocated and zeroed whole for `rowsPerChunk` rows, never moves, and is
// freed once, in `deinit`. A row is handed out only after its index was compared with `count`, as a
// span that the table's own exclusivity outlives.

import WeirBytes

/// Rows of doubles of one width, in chunks of fixed capacity: a row costs its doubles and no more,
/// and growing moves nothing.
@safe
struct RowTable: ~Copyable {
  /// Rows of a chunk. A chunk of the widest rows is a few dozen KiB.
  static let rowsPerChunk = 256

  let width: Int
  private(set) var count = 0
  private var chunks: [UnsafeMutablePointer<Double>]

  init(width: Int) {
    precondition(width > 0)
    self.width = width
    unsafe chunks = []
  }

  deinit {
    for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
  }

  /// Appends a row of zeros.
  mutating func appendRow() {
    if unsafe count == chunks.count * RowTable.rowsPerChunk {
      let doubles = RowTable.rowsPerChunk * width
      let chunk = UnsafeMutablePointer<Double>.allocate(capacity: doubles)
      unsafe chunk.initialize(repeating: 0, count: doubles)
      unsafe chunks.append(chunk)
    }
    count += 1
  }

  /// The row at `index`, to be changed in place.
  @_lifetime(&self)
  @inline(__always)
  mutating func row(_ index: Int) -> MutableSpan<Double> {
    // Safety: `start` checks the index, and a chunk holds whole rows.
    let row = unsafe MutableSpan(_unsafeStart: start(of: index), count: width)
    return unsafe _overrideLifetime(row, mutating: &self)
  }

  /// Asks for the row's cache lines ahead of its use.
  @inline(__always)
  func prefetchRow(_ index: Int) {
    let first = unsafe start(of: index)
    prefetch(first)
    // Eight doubles to a cache line; the bucket that will be raised is not known yet.
    if width > 8 { unsafe prefetch(first + 8) }
    if width > 16 { unsafe prefetch(first + 16) }
  }

  /// All rows, back to back.
  ///
  /// - Complexity: O(rows), one `memcpy` a chunk.
  func copy() -> [Double] {
    unsafe Array(unsafeUninitializedCapacity: count * width) { buffer, initialized in
      var left = count
      for index in unsafe chunks.indices where left > 0 {
        let doubles = min(left, RowTable.rowsPerChunk) * width
        // Safety: both sides hold `doubles` doubles, and the sum over all chunks is the capacity.
        unsafe (buffer.baseAddress! + initialized).initialize(
          from: chunks[index], count: doubles)
        initialized += doubles
        left -= RowTable.rowsPerChunk
      }
    }
  }

  @inline(__always)
  private func start(of index: Int) -> UnsafeMutablePointer<Double> {
    precondition(index >= 0 && index < count)
    return unsafe chunks[index / RowTable.rowsPerChunk] + index % RowTable.rowsPerChunk * width
  }
}
