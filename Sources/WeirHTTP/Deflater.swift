// Safety: the stream has its own allocation because zlib keeps its address. It is initialised in
// `init` and freed once, in `deinit`. zlib uses input and output only during a call, and gets their
// sizes.

import CZlib

/// Compresses bytes to the gzip format (RFC 1952) with zlib, one part at a time.
@safe
package final class Deflater {
  /// The fastest level. For a page of metrics, level 6 takes three times as long and saves a sixth
  /// of the bytes (docs/performance.md).
  package static let level: Int32 = 1

  /// Bytes of output that one call of zlib can produce.
  private static let roomBytes = 32 << 10

  private let stream: UnsafeMutablePointer<z_stream>
  private var room = [UInt8](repeating: 0, count: Deflater.roomBytes)

  /// Nil if there is no memory for it.
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

  /// Compresses `bytes` and appends the output so far. zlib may hold some of it back for later
  /// parts.
  ///
  /// - Parameter isLast: Whether this is the last part, so that all output is appended.
  /// - Returns: False if zlib reports an error.
  func compress(_ bytes: [UInt8], isLast: Bool, onto output: inout [UInt8]) -> Bool {
    precondition(bytes.count <= Int(Int32.max), "zlib takes 32-bit sizes")
    return unsafe bytes.withUnsafeBufferPointer { input in
      // zlib does not write through next_in, although the pointer is not const.
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.pointee.avail_in = UInt32(input.count)
      while true {
        let status = deflateIntoRoom(isLast ? Z_FINISH : Z_NO_FLUSH)
        let left = unsafe Int(stream.pointee.avail_out)
        output += room[..<(Deflater.roomBytes - left)]
        if status == Z_STREAM_END { return true }
        // Z_BUF_ERROR means no progress: there is no more output for this part.
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
