// Safety: each chunk is allocated and initialised whole for `rowsPerChunk` rows, never moves, and is
// freed once: in `deinit`, or when its last row is freed and `vacant`, which is as large and is never
// written, takes its place. A row is handed out only after its index was compared with `count`,
// which the chunks cover, as a span that the table's own exclusivity outlives.

import WeirBytes

/// Rows of doubles of one width, in chunks of fixed capacity: a row costs its doubles and no more,
/// and growing moves nothing.
///
/// A row begins with its `RowLife`. Freed rows are used again, chunks that stand empty are given
/// back, and an index that was once handed out can be read for as long as it is below `count`.
@safe
struct RowTable: ~Copyable {
  /// Rows of a chunk. A chunk of the widest rows is a few dozen KiB.
  static let rowsPerChunk = 256
  /// A cache line, so that no row of four or eight doubles lies in two.
  private static let chunkAlignment = 64

  /// What of a chunk is taken.
  private struct Occupancy {
    var live = 0
    /// Rows that have been used since the chunk was allocated; those behind are free.
    var used = 0
    /// The first free row among the used ones, plus one; 0 for none.
    var firstFree = 0

    var isFull: Bool { live == RowTable.rowsPerChunk }
  }

  let width: Int
  /// Rows that have been used, freed ones among them.
  private(set) var count = 0
  private var chunks: [UnsafeMutablePointer<Double>]
  private var occupancy: [Occupancy] = []
  /// Chunks with a free row, the next to be used last.
  private var open: [Int] = []
  /// Stands in for chunks that were given back: rows in which nobody lives.
  private var vacant: UnsafeMutablePointer<Double>?
  /// Where the generations of a new chunk begin: no less than any that was given back with one.
  private var firstGeneration: UInt32 = 0

  init(width: Int) {
    precondition(width > 0)
    self.width = width
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

  /// Lets a series move in: into a freed row, or else a new one. All other cells are zero.
  ///
  /// - Complexity: O(`width`), and O(chunk) when a chunk is allocated.
  mutating func take(tick: UInt32) -> RowLease {
    if open.isEmpty {
      open.append(unsafe chunks.count)
      unsafe chunks.append(allocateChunk(generation: firstGeneration))
      occupancy.append(Occupancy())
    }
    let chunk = open[open.count - 1]
    if unsafe chunks[chunk] == vacant {
      unsafe chunks[chunk] = allocateChunk(generation: firstGeneration)
    }
    let place = takePlace(in: chunk)
    if occupancy[chunk].isFull { open.removeLast() }
    let row = chunk * RowTable.rowsPerChunk + place
    count = max(count, row + 1)
    let generation = life(row).generation &+ 1
    setLife(RowLife(generation: generation, tick: tick), of: row)
    let values = 1..<width
    var cells = self.row(row)
    for cell in values { cells[cell] = 0 }
    return RowLease(row: row, generation: generation)
  }

  private mutating func takePlace(in chunk: Int) -> Int {
    occupancy[chunk].live += 1
    let place = occupancy[chunk].firstFree - 1
    guard place >= 0 else {
      occupancy[chunk].used += 1
      return occupancy[chunk].used - 1
    }
    occupancy[chunk].firstFree = Int(life(chunk * RowTable.rowsPerChunk + place).tick)
    return place
  }

  /// Frees a row whose series is no more.
  ///
  /// - Complexity: O(1), and O(chunk) when it was the last one of its chunk.
  mutating func free(_ row: Int) {
    let before = life(row)
    precondition(before.isLive)
    let (chunk, place) = row.quotientAndRemainder(dividingBy: RowTable.rowsPerChunk)
    if occupancy[chunk].isFull { open.append(chunk) }
    let next = UInt32(truncatingIfNeeded: occupancy[chunk].firstFree)
    setLife(RowLife(generation: before.generation &+ 1, tick: next), of: row)
    occupancy[chunk].firstFree = place + 1
    occupancy[chunk].live -= 1
    if occupancy[chunk].live == 0 { giveBack(chunk) }
  }

  private mutating func giveBack(_ chunk: Int) {
    let first = chunk * RowTable.rowsPerChunk
    for place in 0..<occupancy[chunk].used {
      firstGeneration = max(firstGeneration, life(first + place).generation)
    }
    let standIn = unsafe vacant ?? allocateChunk(generation: 0)
    unsafe vacant = standIn
    unsafe chunks[chunk].deallocate()
    unsafe chunks[chunk] = standIn
    occupancy[chunk] = Occupancy()
    guard unsafe chunk == chunks.count - 1 else { return }
    while unsafe chunks.last == standIn {
      unsafe chunks.removeLast()
      occupancy.removeLast()
    }
    let left = occupancy.count
    open.removeAll { $0 >= left }
    count = (left - 1) * RowTable.rowsPerChunk + (occupancy.last?.used ?? RowTable.rowsPerChunk)
  }

  private func allocateChunk(generation: UInt32) -> UnsafeMutablePointer<Double> {
    let doubles = RowTable.rowsPerChunk * width
    // Safety: the memory is bound to doubles, and all of them are initialised, before it is used.
    let chunk = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: doubles * MemoryLayout<Double>.stride, alignment: RowTable.chunkAlignment
    ).bindMemory(to: Double.self, capacity: doubles)
    unsafe chunk.initialize(repeating: 0, count: doubles)
    let life = RowLife(generation: generation, tick: 0).cell
    for row in 0..<RowTable.rowsPerChunk { unsafe chunk[row * width] = life }
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

  /// Who lives in the row at `index`.
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

  /// Asks for the row's cache lines ahead of its use.
  @inline(__always)
  func prefetchRow(_ index: Int) {
    guard index < count else { return }
    let first = unsafe start(of: index)
    prefetch(first)
    // Eight doubles to a cache line; the bucket that will be raised is not known yet.
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
    return unsafe chunks[index / RowTable.rowsPerChunk] + index % RowTable.rowsPerChunk * width
  }
}
