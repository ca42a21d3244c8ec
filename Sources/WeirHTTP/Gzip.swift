// Safety: zlib is lent the input and the output for the length of one call each, and told their
// sizes. The stream is initialised before its first use and ended once, on every path.

import CZlib

/// Compresses a response's body with zlib.
package enum Gzip {
  /// The fastest: on a scrape's page level 6 takes three times as long, and saves a sixth of the bytes
  /// (docs/performance.md).
  package static let level: Int32 = 1

  /// Output is taken in pieces of this size.
  private static let pieceBytes = 64 << 10

  /// `bytes` in the gzip format (RFC 1952); nil where there is no memory for it.
  ///
  /// - Complexity: O(bytes).
  package static func compressed(_ bytes: [UInt8], level: Int32 = Gzip.level) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe weir_gzip_begin(&stream, level) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 8 + 64)
    var piece = [UInt8](repeating: 0, count: Gzip.pieceBytes)
    var start = 0
    var status = Z_OK
    while status == Z_OK {
      // zlib counts in 32 bits.
      let end = min(bytes.count, start + Int(Int32.max))
      let flush = end == bytes.count ? Z_FINISH : Z_NO_FLUSH
      var made = 0
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe piece.withUnsafeMutableBufferPointer { room in
          // zlib does not write through next_in, whose type merely lacks the word.
          unsafe stream.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress.map { unsafe $0 + start })
          unsafe stream.avail_in = UInt32(end - start)
          unsafe stream.next_out = room.baseAddress
          unsafe stream.avail_out = UInt32(room.count)
          status = unsafe deflate(&stream, flush)
          made = unsafe room.count - Int(stream.avail_out)
        }
      }
      start = unsafe end - Int(stream.avail_in)
      output += piece[..<made]
    }
    return status == Z_STREAM_END ? output : nil
  }
}
