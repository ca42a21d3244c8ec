import WeirBytes

/// Where a spelling is: block (24 bits), offset (20 bits) and length (18 bits). The other two bits
/// hold the row's marks (`RowMarks`). The four bytes before a spelling say when its series was
/// made.
struct SpellingPlace: Equatable {
  let bits: UInt64

  init(bits: UInt64) { self.bits = bits & ~RowMarks.bits }

  init(block: Int, offset: Int, length: Int) {
    bits = UInt64(block) << 40 | UInt64(offset) << 20 | UInt64(length)
  }

  var block: Int { Int(bits >> 40) }
  var offset: Int { Int(bits >> 20 & 0xF_FFFF) }
  var length: Int { Int(bits & 0x3_FFFF) }
}

/// The blocks that hold the spellings one after another. A scrape shares them by copy-on-write:
/// while it holds them, the next new series copies only the open block and the list of blocks.
struct NameBlocks: Sendable {
  fileprivate var blocks: [[UInt8]] = []

  init() {}

  func spelling(_ place: SpellingPlace) -> Spelling {
    Spelling(block: blocks[place.block], start: place.offset, length: place.length)
  }
}

/// The spellings of the series of one table, appended and never changed.
///
/// A block without a spelling in use is given back. A block is sparse if less than half of it is in
/// use: the sweep moves its spellings with `move`, so that it can be given back as well. So the
/// blocks take at most twice what is in use, plus what the sweep has not reached yet.
struct SeriesNames: ~Copyable {
  /// Bytes of the longest spelling.
  static let spellingBytesMax = 65_536
  /// Bytes before a spelling: the Unix time in seconds at which its series was made.
  private static let bornBytes = 4
  /// Bytes of a block.
  static let blockBytes = spellingBytesMax + bornBytes

  private(set) var blocks = NameBlocks()
  /// Bytes in use in each block.
  private var aliveBytes: [Int] = []
  /// The block that new spellings are appended to.
  private var open: Int?
  /// Numbers of blocks that were given back.
  private var free: [Int] = []
  /// Blocks that are sparse.
  private(set) var sparseCount = 0

  /// Blocks in memory.
  var blocksHeld: Int { blocks.blocks.count { !$0.isEmpty } }

  /// Appends a spelling, with the time at which its series was made.
  ///
  /// - Precondition: It is no longer than `spellingBytesMax`.
  mutating func add(_ series: ArraySlice<UInt8>, born: UInt32) -> SpellingPlace {
    precondition(series.count <= SeriesNames.spellingBytesMax)
    let block = blockWithRoom(for: SeriesNames.bornBytes + series.count)
    let offset = blocks.blocks[block].count
    // The first block grows with its content, because many tables have few names.
    if offset == 0, block > 0 { blocks.blocks[block].reserveCapacity(SeriesNames.blockBytes) }
    SeriesNames.append(series, born: born, to: &blocks.blocks[block])
    aliveBytes[block] += SeriesNames.bornBytes + series.count
    return SpellingPlace(
      block: block, offset: offset + SeriesNames.bornBytes, length: series.count)
  }

  /// A function of its own, so that the list of blocks is looked at once.
  private static func append(_ series: ArraySlice<UInt8>, born: UInt32, to block: inout [UInt8]) {
    block.append(UInt8(truncatingIfNeeded: born >> 24))
    block.append(UInt8(truncatingIfNeeded: born >> 16))
    block.append(UInt8(truncatingIfNeeded: born >> 8))
    block.append(UInt8(truncatingIfNeeded: born))
    block.append(contentsOf: series)
  }

  /// When the series of a spelling was made, as Unix time in seconds.
  func born(_ place: SpellingPlace) -> UInt32 {
    let end = place.offset
    func byte(_ back: Int) -> UInt32 { UInt32(blocks.blocks[place.block][end - back]) }
    return byte(4) << 24 | byte(3) << 16 | byte(2) << 8 | byte(1)
  }

  /// Appends a spelling to `text`.
  func append(_ place: SpellingPlace, to text: inout [UInt8]) {
    text.append(
      contentsOf: blocks.blocks[place.block][place.offset..<place.offset + place.length])
  }

  /// Removes a spelling.
  mutating func remove(_ place: SpellingPlace) {
    let block = place.block
    let wasSparse = isSparse(block)
    aliveBytes[block] -= SeriesNames.bornBytes + place.length
    if aliveBytes[block] == 0 {
      blocks.blocks[block] = []
      if block != open { free.append(block) }
      if wasSparse { sparseCount -= 1 }
    } else if !wasSparse && isSparse(block) {
      sparseCount += 1
    }
  }

  /// Whether the spelling is in a sparse block.
  func isSparse(_ place: SpellingPlace) -> Bool { isSparse(place.block) }

  /// Moves a spelling into the open block, and returns its new place.
  ///
  /// - Complexity: O(bytes).
  mutating func move(_ place: SpellingPlace) -> SpellingPlace {
    let moved = add(
      blocks.blocks[place.block][place.offset..<place.offset + place.length], born: born(place))
    remove(place)
    return moved
  }

  func spelling(_ place: SpellingPlace) -> Spelling { blocks.spelling(place) }

  /// The open block is never sparse, because it is still being filled.
  private func isSparse(_ block: Int) -> Bool {
    block != open && aliveBytes[block] * 2 < blocks.blocks[block].count
  }

  private mutating func blockWithRoom(for length: Int) -> Int {
    if let open, blocks.blocks[open].count + length <= SeriesNames.blockBytes { return open }
    if let full = open {
      open = nil
      if isSparse(full) { sparseCount += 1 }
    }
    let block: Int
    if let number = free.popLast() {
      block = number
    } else {
      block = aliveBytes.count
      blocks.blocks.append([])
      aliveBytes.append(0)
    }
    open = block
    return block
  }
}

/// The bytes of one series, `name{label="value",…}`. They keep their block in memory.
package struct Spelling: Sendable {
  fileprivate let block: [UInt8]
  fileprivate let start: Int
  fileprivate let length: Int

  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { block.span.extracting(start..<start + length) }
  }
}
