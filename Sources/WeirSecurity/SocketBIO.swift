// Safety: OpenSSL passes each callback a buffer and its size, valid during the call. The BIO's data
// pointer holds the descriptor and the read budget as a number and is never dereferenced.

import COpenSSL
import Glibc

/// The BIO through which OpenSSL reads and writes a non-blocking socket. Unlike OpenSSL's own
/// socket BIO:
///
/// - A broken connection is an error and never raises SIGPIPE.
/// - The BIO does not own the descriptor.
/// - One call of OpenSSL reads at most `readBytesMax` bytes. OpenSSL keeps reading while records
///   arrive that carry no data. Without the limit, a peer that sends such records faster than they
///   are processed would block the caller forever.
///
/// ```
/// SSL_read ─▶ BIO ─▶ recv(descriptor, …)     budget -= bytes received; at 0: "retry later"
///
/// The BIO's data pointer:
/// 63                                 32 31                           0
/// | budget: bytes that may be read     | descriptor + 1               |
/// ```
enum SocketBIO {
  /// Bytes that one call of OpenSSL may read: more than the longest record, so that every call
  /// makes progress.
  static let readBytesMax = 20_000

  /// A new BIO for a non-blocking socket; nil if there is no memory.
  static func make(_ descriptor: Int32) -> OpaquePointer? {
    guard let method = unsafe OpaquePointer(bitPattern: method),
      let bio = unsafe BIO_new(method)
    else { return nil }
    unsafe put(descriptor, readBytes: readBytesMax, into: bio)
    unsafe BIO_set_init(bio, 1)
    return unsafe bio
  }

  /// Resets the read budget. Call it before each call of OpenSSL. Unread bytes keep the socket
  /// readable.
  static func allowReading(_ bio: OpaquePointer?) {
    unsafe put(contents(of: bio).descriptor, readBytes: readBytesMax, into: bio)
  }

  private static func put(_ descriptor: Int32, readBytes: Int, into bio: OpaquePointer?) {
    // Plus one, because descriptor 0 would be the null pointer.
    let number = UInt(descriptor) + 1 | UInt(readBytes) << 32
    unsafe BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: number))
  }

  private static func contents(of bio: OpaquePointer?) -> (descriptor: Int32, readBytes: Int) {
    let number = unsafe UInt(bitPattern: BIO_get_data(bio))
    return (Int32(truncatingIfNeeded: number & 0xffff_ffff) - 1, Int(number >> 32))
  }

  /// The callbacks, shared by all BIOs and never freed; 0 if there was no memory.
  private static let method: UInt = {
    guard let method = unsafe BIO_meth_new(BIO_TYPE_SOURCE_SINK, "weir socket") else { return 0 }
    unsafe BIO_meth_set_read(method) { bio, bytes, count in
      let (descriptor, left) = unsafe contents(of: bio)
      let count = min(Int(max(count, 0)), left)
      if count == 0 {
        unsafe setRetry(bio, BIO_FLAGS_READ)
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
    // OpenSSL flushes after each handshake flight and expects 1.
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
        unsafe setRetry(bio, direction)
        return -1
      default: return -1
      }
    }
  }

  /// Marks the failed call as one to repeat when the socket is ready.
  private static func setRetry(_ bio: OpaquePointer?, _ direction: Int32) {
    unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    unsafe BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY)
  }
}
