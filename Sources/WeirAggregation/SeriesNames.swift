import WeirBytes

/// The spellings of a shard's series, appended and never changed.
///
/// They lie back to back in blocks, which a scrape shares by copy-on-write: it holds on to the
/// blocks, and when the next series arrives only the last block is copied, with the list of places
/// (eight bytes a series).
struct SeriesNames: Sendable {
  /// Bytes of a block; also the longest spelling that it can hold.
  static let blockBytes = 65_536

  private var blocks: [[UInt8]] = []
  /// Block (24 bits), offset (20 bits) and length (20 bits) of each spelling.
  private var places: [UInt64] = []

  var count: Int { places.count }

  /// - Precondition: `series` is no longer than a block.
  mutating func append(_ series: [UInt8]) {
    precondition(series.count <= SeriesNames.blockBytes)
    if blocks.isEmpty || blocks[blocks.count - 1].count + series.count > SeriesNames.blockBytes {
      blocks.append([])
    }
    let block = blocks.count - 1
    places.append(
      UInt64(block) << 40 | UInt64(blocks[block].count) << 20 | UInt64(series.count))
    blocks[block].append(contentsOf: series)
  }

  /// The spelling of the series in `row`.
  func spelling(_ row: Int) -> Spelling {
    let place = places[row]
    return Spelling(
      block: blocks[Int(place >> 40)], start: Int(place >> 20 & 0xF_FFFF),
      length: Int(place & 0xF_FFFF))
  }
}

/// The bytes of one series, `name{label="value",…}`, in a block that they keep alive.
package struct Spelling: Sendable {
  fileprivate let block: [UInt8]
  fileprivate let start: Int
  fileprivate let length: Int

  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { block.span.extracting(start..<start + length) }
  }
}
