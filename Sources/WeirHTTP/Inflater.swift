// Safety: the stream is a local value whose address zlib keeps from `weir_gunzip_begin` to `inflateEnd`, which
// are both called within `withUnsafeMutablePointer`. zlib uses input and output only during a call, and gets
// their sizes.

import CZlib

/// Unpacks bytes in the gzip format (RFC 1952) with zlib.
enum Inflater {
  enum Failure: Error {
    case malformed
    /// The bytes end before the end of a member.
    case cutOff
    case tooLong
    case noMemory
  }

  private static let roomBytes = 64 << 10

  /// Unpacks all members of a file, one after another, as gzip does.
  ///
  /// - Complexity: O(bytes of the result), at most `bytesMax` and 64 KiB.
  static func unpack(_ bytes: [UInt8], bytesMax: Int) throws(Failure) -> [UInt8] {
    guard bytes.count <= Int(Int32.max) else { throw .tooLong }
    var stream = unsafe z_stream()
    return try unsafe withUnsafeMutablePointer(to: &stream) { stream throws(Failure) in
      guard unsafe weir_gunzip_begin(stream) == Z_OK else { throw .noMemory }
      defer { unsafe inflateEnd(stream) }
      return try unsafe bytes.withUnsafeBufferPointer { input throws(Failure) in
        // zlib does not write through next_in, although the pointer is not const.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        return try unsafe members(of: stream, bytesMax: bytesMax)
      }
    }
  }

  private static func members(
    of stream: UnsafeMutablePointer<z_stream>, bytesMax: Int
  ) throws(Failure) -> [UInt8] {
    var output: [UInt8] = []
    var room = [UInt8](repeating: 0, count: roomBytes)
    while true {
      let status = unsafe room.withUnsafeMutableBufferPointer { room in
        unsafe stream.pointee.next_out = room.baseAddress
        unsafe stream.pointee.avail_out = UInt32(room.count)
        return unsafe inflate(stream, Z_NO_FLUSH)
      }
      output += room[..<(roomBytes - Int(unsafe stream.pointee.avail_out))]
      guard output.count <= bytesMax else { throw .tooLong }
      let hasInput = unsafe stream.pointee.avail_in > 0
      switch status {
      case Z_STREAM_END:
        if !hasInput { return output }
        guard unsafe inflateReset(stream) == Z_OK else { throw .malformed }
      // The room was filled, or there is no more input.
      case Z_OK where hasInput: continue
      case Z_OK: if unsafe stream.pointee.avail_out > 0 { throw .cutOff }
      case Z_BUF_ERROR: throw .cutOff
      case Z_MEM_ERROR: throw .noMemory
      default: throw .malformed
      }
    }
  }
}
