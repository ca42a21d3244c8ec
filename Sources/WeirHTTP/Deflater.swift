// Safety: the stream lies in memory of its own, for zlib remembers its address, and is freed once, in
// `deinit`, after it was initialised. zlib is lent input and output for the length of one call each, and
// told their sizes.

import CZlib

/// Compresses bytes into the gzip format (RFC 1952), part by part, with zlib.
@safe
package final class Deflater {
  /// The fastest: on a scrape's page level 6 takes three times as long, and saves a sixth of the bytes
  /// (docs/performance.md).
  package static let level: Int32 = 1

  /// Output is taken in pieces of this size.
  private static let roomBytes = 32 << 10

  private let stream: UnsafeMutablePointer<z_stream>
  private var room = [UInt8](repeating: 0, count: Deflater.roomBytes)

  /// nil where there is no memory for it.
  init?(level: Int32) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe weir_gzip_begin(stream, level) == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Appends what comes of `bytes`, some of which may come with a later part.
  ///
  /// - Returns: False where zlib reports an error.
  func compress(_ bytes: [UInt8], isLast: Bool, onto output: inout [UInt8]) -> Bool {
    precondition(bytes.count <= Int(Int32.max), "zlib counts in 32 bits")
    return unsafe bytes.withUnsafeBufferPointer { input in
      // zlib does not write through next_in, whose type merely lacks the word.
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.pointee.avail_in = UInt32(input.count)
      while true {
        let status = deflateIntoRoom(isLast ? Z_FINISH : Z_NO_FLUSH)
        let left = unsafe Int(stream.pointee.avail_out)
        output += room[..<(Deflater.roomBytes - left)]
        if status == Z_STREAM_END { return true }
        // No progress is no error: there is nothing more to come of this part.
        guard status == Z_OK || status == Z_BUF_ERROR && !isLast else { return false }
        if !isLast, unsafe stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0 {
          return true
        }
      }
    }
  }

  private func deflateIntoRoom(_ flush: Int32) -> Int32 {
    unsafe room.withUnsafeMutableBufferPointer { room in
      unsafe stream.pointee.next_out = room.baseAddress
      unsafe stream.pointee.avail_out = UInt32(room.count)
      return unsafe deflate(stream, flush)
    }
  }
}
