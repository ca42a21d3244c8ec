// Safety: each chunk is allocated and initialised whole for `rowsPerChunk` rows, the first one for
// `firstChunkRows` while it is the only one. A chunk is freed once: in `deinit`, when the first one is
// replaced by a larger one, or when its last row is freed and `vacant`, which is as large and is never
// written, takes its place. A row is handed out only after its index was compared with `count`,
// which the chunks cover, as a span that the table's own exclusivity outlives.

import WeirBytes

/// Rows of doubles of one width, in chunks of a fixed number of rows. A row takes only its doubles.
/// Growing moves nothing except the rows of a first chunk that is not full yet.
///
///     chunks   [0]──▶ row 0 │ row 1 │ …            256 rows, fewer of wide ones
///              [1]──▶ row 256 │ row 257 │ …
///              [2]──▶ `vacant`                     all rows of it are free
///     row      life │ value │ value │ …            `width` doubles
///
/// A row begins with its `RowLife`. Freed rows are used again, and chunks without a row in use are
/// given back. An index that was handed out once can be read while it is below `count`.
@safe
struct RowTable: ~Copyable {
  /// Rows of a chunk, unless the rows are wide.
  private static let rowsPerChunkMax = 256
  /// The most bytes of a chunk. Histograms with about as many bounds as the default fit with 256
  /// rows.
  private static let chunkBytesMax = 40_960
  /// Rows of the first chunk at the beginning, so that a table of few series takes little memory.
  private static let firstRows = 4
  /// A cache line, so that no row of four or eight doubles crosses a line.
  private static let chunkAlignment = 64

  /// Which rows of a chunk are in use.
  private struct Occupancy {
    var live = 0
    /// Rows that have been used since the chunk was allocated; those after them are free.
    var used = 0
    /// The first free row among the used ones, plus one; 0 for none.
    var firstFree = 0
  }

  let width: Int
  /// Rows of a chunk: a power of two.
  let rowsPerChunk: Int
  /// Its base-2 logarithm.
  private let chunkShift: Int
  /// Rows that the first chunk has memory for.
  private var firstChunkRows = 0
  /// Rows that have ever been used, including freed ones.
  private(set) var count = 0
  private var chunks: [UnsafeMutablePointer<Double>]
  private var occupancy: [Occupancy] = []
  /// Chunks with a free row. The last one is used next.
  private var open: [Int] = []
  /// Stands in for chunks that were given back: all its rows are free.
  private var vacant: UnsafeMutablePointer<Double>?
  /// The first generation of a new chunk: not less than any generation of a chunk that was given
  /// back.
  private(set) var firstGeneration: UInt32

  /// - Parameter firstGeneration: The first generation of new rows.
  init(width: Int, firstGeneration: UInt32 = 0) {
    precondition(width > 0)
    self.width = width
    self.firstGeneration = firstGeneration
    var rows = RowTable.rowsPerChunkMax
    while rows > 8, rows * width * MemoryLayout<Double>.stride > RowTable.chunkBytesMax {
      rows /= 2
    }
    rowsPerChunk = rows
    chunkShift = rows.trailingZeroBitCount
    unsafe chunks = []
    unsafe vacant = nil
  }

  deinit {
    for index in unsafe chunks.indices where unsafe chunks[index] != vacant {
      unsafe chunks[index].deallocate()
    }
    unsafe vacant?.deallocate()
  }

  /// Chunks in memory.
  var chunksHeld: Int { unsafe chunks.indices.count { unsafe chunks[$0] != vacant } }

  /// Gives a series a row: a freed one, or a new one. All cells after the first are zero.
  ///
  /// - Complexity: O(`width`), and O(chunk) when a chunk is allocated.
  mutating func take(tick: UInt32) -> RowLease {
    if open.isEmpty { addChunk() }
    let chunk = open[open.count - 1]
    if unsafe chunks[chunk] == vacant {
      unsafe chunks[chunk] = allocateChunk(rows: rowsPerChunk, generation: firstGeneration)
    }
    let place = takePlace(in: chunk)
    if occupancy[chunk].live == rowsPerChunk { open.removeLast() }
    let row = chunk * rowsPerChunk + place
    count = max(count, row + 1)
    let generation = life(row).generation &+ 1
    setLife(RowLife(generation: generation, tick: tick), of: row)
    let values = 1..<width
    var cells = self.row(row)
    for cell in values { cells[cell] = 0 }
    return RowLease(row: row, generation: generation)
  }

  private mutating func addChunk() {
    let chunk = unsafe chunks.count
    if chunk == 0 { firstChunkRows = min(RowTable.firstRows, rowsPerChunk) }
    let rows = chunk == 0 ? firstChunkRows : rowsPerChunk
    unsafe chunks.append(allocateChunk(rows: rows, generation: firstGeneration))
    open.append(chunk)
    occupancy.append(Occupancy())
  }

  private mutating func takePlace(in chunk: Int) -> Int {
    occupancy[chunk].live += 1
    let place = occupancy[chunk].firstFree - 1
    guard place >= 0 else {
      let used = occupancy[chunk].used
      if unsafe chunks.count == 1, used == firstChunkRows { growFirstChunk() }
      occupancy[chunk].used = used + 1
      return used
    }
    occupancy[chunk].firstFree = Int(life(chunk * rowsPerChunk + place).tick)
    return place
  }

  /// Grows the first chunk to four times its rows. It is the only chunk, and it is in use.
  private mutating func growFirstChunk() {
    let rows = min(firstChunkRows * 4, rowsPerChunk)
    precondition(rows > firstChunkRows)
    let grown = unsafe allocateChunk(rows: rows, generation: firstGeneration)
    unsafe grown.update(from: chunks[0], count: firstChunkRows * width)
    unsafe chunks[0].deallocate()
    unsafe chunks[0] = grown
    firstChunkRows = rows
  }

  /// Frees the row of a series that was removed.
  ///
  /// - Complexity: O(1), and O(chunk) when it was the last row in use of its chunk.
  mutating func free(_ row: Int) {
    let before = life(row)
    precondition(before.isLive)
    let (chunk, place) = row.quotientAndRemainder(dividingBy: rowsPerChunk)
    if occupancy[chunk].live == rowsPerChunk { open.append(chunk) }
    let next = UInt32(truncatingIfNeeded: occupancy[chunk].firstFree)
    setLife(RowLife(generation: before.generation &+ 1, tick: next), of: row)
    occupancy[chunk].firstFree = place + 1
    occupancy[chunk].live -= 1
    if occupancy[chunk].live == 0 { giveBack(chunk) }
  }

  private mutating func giveBack(_ chunk: Int) {
    let first = chunk * rowsPerChunk
    for place in 0..<occupancy[chunk].used {
      firstGeneration = max(firstGeneration, life(first + place).generation)
    }
    unsafe chunks[chunk].deallocate()
    occupancy[chunk] = Occupancy()
    if unsafe chunks.count == 1 { return removeAllChunks() }
    let standIn = unsafe vacant ?? allocateChunk(rows: rowsPerChunk, generation: 0)
    unsafe vacant = standIn
    unsafe chunks[chunk] = standIn
    while unsafe chunks.last == standIn {
      unsafe chunks.removeLast()
      occupancy.removeLast()
    }
    if unsafe chunks.isEmpty { return removeAllChunks() }
    let left = occupancy.count
    open.removeAll { $0 >= left }
    if chunk >= left { count = (left - 1) * rowsPerChunk + occupancy[left - 1].used }
  }

  /// Frees all memory. No row may be in use.
  private mutating func removeAllChunks() {
    unsafe vacant?.deallocate()
    unsafe vacant = nil
    unsafe chunks = []
    occupancy = []
    open = []
    count = 0
  }

  private func allocateChunk(rows: Int, generation: UInt32) -> UnsafeMutablePointer<Double> {
    let doubles = rows * width
    // Safety: the memory is bound to doubles, and all of them are initialised, before it is used.
    let chunk = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: doubles * MemoryLayout<Double>.stride, alignment: RowTable.chunkAlignment
    ).bindMemory(to: Double.self, capacity: doubles)
    unsafe chunk.initialize(repeating: 0, count: doubles)
    let life = RowLife(generation: generation, tick: 0).cell
    for row in 0..<rows { unsafe chunk[row * width] = life }
    return unsafe chunk
  }

  /// The row at `index`, to be changed in place if it is live.
  @_lifetime(&self)
  @inline(__always)
  mutating func row(_ index: Int) -> MutableSpan<Double> {
    // Safety: `start` checks the index, and a chunk holds whole rows.
    let row = unsafe MutableSpan(_unsafeStart: start(of: index), count: width)
    return unsafe _overrideLifetime(row, mutating: &self)
  }

  /// The generation of the row at `index`, and the second of its last update.
  @inline(__always)
  func life(_ index: Int) -> RowLife { RowLife(cell: cell(0, of: index)) }

  private mutating func setLife(_ life: RowLife, of index: Int) {
    var cells = row(index)
    cells[0] = life.cell
  }

  /// One cell of the row at `index`.
  @inline(__always)
  func cell(_ cell: Int, of index: Int) -> Double {
    precondition(cell >= 0 && cell < width)
    return unsafe start(of: index)[cell]
  }

  /// Prefetches the row's cache lines.
  @inline(__always)
  func prefetchRow(_ index: Int) {
    guard index < count else { return }
    let first = unsafe start(of: index)
    prefetch(first)
    // A cache line holds eight doubles. The bucket that will change is not known yet.
    if width > 8 { unsafe prefetch(first + 8) }
    if width > 16 { unsafe prefetch(first + 16) }
  }

  /// The row at `index`, to be read.
  @_lifetime(borrow self)
  func cells(of index: Int) -> Span<Double> {
    // Safety: as in `row`.
    let row = unsafe Span(_unsafeStart: UnsafePointer(start(of: index)), count: width)
    return unsafe _overrideLifetime(row, borrowing: self)
  }

  @inline(__always)
  private func start(of index: Int) -> UnsafeMutablePointer<Double> {
    precondition(index >= 0 && index < count)
    return unsafe chunks[index &>> chunkShift] + (index & (rowsPerChunk &- 1)) &* width
  }
}
