// Safety: OpenSSL lends each callback a buffer and its size for the call. The descriptor is carried
// in the BIO's data pointer as a number, which nobody follows.

import COpenSSL
import Glibc

/// How OpenSSL reads and writes a socket: as its own socket BIO does, but that a peer that is gone is
/// an error and never a signal, and that the descriptor stays the caller's.
enum SocketBIO {
  /// A BIO for a socket that does not block.
  static func make(_ descriptor: Int32) -> OpaquePointer? {
    guard let method = unsafe OpaquePointer(bitPattern: method),
      let bio = unsafe BIO_new(method)
    else { return nil }
    // One more than the number, for 0 is a descriptor and no pointer.
    unsafe BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: UInt(descriptor) + 1))
    unsafe BIO_set_init(bio, 1)
    return unsafe bio
  }

  /// Made once, and never freed.
  private static let method: UInt = {
    guard let method = unsafe BIO_meth_new(BIO_TYPE_SOURCE_SINK, "weir socket") else { return 0 }
    unsafe BIO_meth_set_read(method) { bio, bytes, count in
      unsafe transfer(bio, BIO_FLAGS_READ) { descriptor in
        unsafe recv(descriptor, bytes, Int(max(count, 0)), 0)
      }
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
    let descriptor = unsafe Int32(truncatingIfNeeded: UInt(bitPattern: BIO_get_data(bio))) - 1
    unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    while true {
      let count = call(descriptor)
      if count >= 0 { return Int32(clamping: count) }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        unsafe BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY)
        return -1
      default: return -1
      }
    }
  }
}
