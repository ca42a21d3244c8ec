// Safety: OpenSSL lends each callback a buffer and its size for the call. The descriptor and what may
// still be read are carried in the BIO's data pointer as a number, which nobody follows.

import COpenSSL
import Glibc

/// How OpenSSL reads and writes a socket: as its own socket BIO does, but that a peer that is gone is
/// an error and never a signal, that the descriptor stays the caller's, and that one call of OpenSSL
/// reads a bounded number of bytes.
///
/// OpenSSL goes on for as long as records come that carry no data. Without the bound, a peer that
/// sends such records faster than they are processed would keep the caller for ever.
///
/// ```
/// data pointer   | bytes that may be read: 32 bits | descriptor + 1: 32 bits |
/// ```
enum SocketBIO {
  /// Bytes that one call of OpenSSL may read: more than the longest record, so that each call gets on.
  static let readBytesMax = 20_000

  /// A BIO for a socket that does not block.
  static func make(_ descriptor: Int32) -> OpaquePointer? {
    guard let method = unsafe OpaquePointer(bitPattern: method),
      let bio = unsafe BIO_new(method)
    else { return nil }
    unsafe put(descriptor, readBytes: readBytesMax, into: bio)
    unsafe BIO_set_init(bio, 1)
    return unsafe bio
  }

  /// Lets the next call of OpenSSL read its share. What is left unread keeps the socket readable.
  static func allowReading(_ bio: OpaquePointer?) {
    unsafe put(contents(of: bio).descriptor, readBytes: readBytesMax, into: bio)
  }

  private static func put(_ descriptor: Int32, readBytes: Int, into bio: OpaquePointer?) {
    // One more than the number, because 0 is a descriptor and no pointer.
    let number = UInt(descriptor) + 1 | UInt(readBytes) << 32
    unsafe BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: number))
  }

  private static func contents(of bio: OpaquePointer?) -> (descriptor: Int32, readBytes: Int) {
    let number = unsafe UInt(bitPattern: BIO_get_data(bio))
    return (Int32(truncatingIfNeeded: number & 0xffff_ffff) - 1, Int(number >> 32))
  }

  /// Made once, and never freed.
  private static let method: UInt = {
    guard let method = unsafe BIO_meth_new(BIO_TYPE_SOURCE_SINK, "weir socket") else { return 0 }
    unsafe BIO_meth_set_read(method) { bio, bytes, count in
      let (descriptor, left) = unsafe contents(of: bio)
      let count = min(Int(max(count, 0)), left)
      if count == 0 {
        unsafe tellToRetry(bio, BIO_FLAGS_READ)
        return -1
      }
      let received = unsafe transfer(bio, BIO_FLAGS_READ) { descriptor in
        unsafe recv(descriptor, bytes, count, 0)
      }
      if received > 0 { unsafe put(descriptor, readBytes: left - Int(received), into: bio) }
      return received
    }
    unsafe BIO_meth_set_write(method) { bio, bytes, count in
      unsafe transfer(bio, BIO_FLAGS_WRITE) { descriptor in
        unsafe send(descriptor, bytes, Int(max(count, 0)), Int32(MSG_NOSIGNAL))
      }
    }
    // OpenSSL flushes after each flight, and takes anything but 1 for a failure.
    unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
    return UInt(bitPattern: method)
  }()

  private static func transfer(
    _ bio: OpaquePointer?, _ direction: Int32, _ call: (Int32) -> Int
  ) -> Int32 {
    let descriptor = unsafe contents(of: bio).descriptor
    unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    while true {
      let count = call(descriptor)
      if count >= 0 { return Int32(clamping: count) }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        unsafe tellToRetry(bio, direction)
        return -1
      default: return -1
      }
    }
  }

  private static func tellToRetry(_ bio: OpaquePointer?, _ direction: Int32) {
    unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    unsafe BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY)
  }
}
