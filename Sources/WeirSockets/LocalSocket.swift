// Safety: every pointer handed to the kernel here is to a local value that outlives the call, with
// that value's own size; a name is copied into `sun_path` only if it fits.

import CLinux
import Glibc

/// A connection between two processes of this machine, or rather of one network namespace.
///
/// Its name is in the abstract namespace of Unix sockets (unix(7)): no file, so that nothing is left
/// behind and no folder has to be writable. Nothing protects such a name: whoever comes first has it,
/// and anybody can connect. So each side asks the kernel who the other is.
package final class LocalSocket: Sendable {
  /// Bytes of a name that fit the kernel's structure, whose first is 0.
  static let nameBytesMax = 107

  package let descriptor: FileDescriptor

  private init(_ descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Connects to who listens at `name`.
  ///
  /// - Parameter seconds: How long this and each call on the socket may take.
  /// - Throws: `SystemError`; ECONNREFUSED where nobody listens.
  package static func connect(_ name: String, seconds: Int) throws(SystemError) -> LocalSocket {
    let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw .last(.socket) }
    let socket = LocalSocket(FileDescriptor(owning: raw))
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      let size = socklen_t(MemoryLayout.size(ofValue: limit))
      guard unsafe setsockopt(raw, SOL_SOCKET, option, &limit, size) == 0 else {
        throw .last(.setsockopt)
      }
    }
    let status = try unsafe withAddress(name) { unsafe Glibc.connect(raw, $0, $1) }
    guard status == 0 else { throw .last(.connect) }
    return socket
  }

  /// A socket that listens at `name`, and does not block.
  ///
  /// - Throws: `SystemError`; EADDRINUSE where somebody has the name.
  package static func listen(_ name: String) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(try FileDescriptor.socket(family: AF_UNIX, type: SOCK_STREAM))
    let raw = socket.descriptor.raw
    let status = try unsafe withAddress(name) { unsafe Glibc.bind(raw, $0, $1) }
    guard status == 0 else { throw .last(.bind) }
    guard Glibc.listen(raw, SocketLimits.backlogConnectionsMax) == 0 else { throw .last(.listen) }
    return socket
  }

  /// The next connection that waits, which does not block; nil when none does, or none can be had.
  package func accept() -> LocalSocket? {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = accept4(descriptor.raw, nil, nil, flags)
    return raw >= 0 ? LocalSocket(FileDescriptor(owning: raw)) : nil
  }

  /// The user of the process at the other end, as it was when the connection was made; for who
  /// connected, that of the process that listens.
  package func peerUser() throws(SystemError) -> UInt32 {
    var peer = weir_ucred()
    var size = socklen_t(MemoryLayout.size(ofValue: peer))
    guard unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else {
      throw .last(.getsockopt)
    }
    return peer.uid
  }

  /// Sends a text that is so short that the kernel takes it whole; one to nobody is lost.
  package func send(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      _ = unsafe Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// What comes up to the end of the stream, at most `bytesMax` bytes.
  ///
  /// - Throws: `SystemError`; EAGAIN when it takes too long.
  package func receive(bytesMax: Int) throws(SystemError) -> String {
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    var count = 0
    while count < bytesMax {
      let got = unsafe bytes.withUnsafeMutableBytes { room in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
        return unsafe recv(descriptor.raw, rest.baseAddress, rest.count, 0)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .last(.recv) }
      if got == 0 { break }
      count += got
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Calls `body` with the kernel's form of a name.
  private static func withAddress(
    _ name: String, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
  ) throws(SystemError) -> Int32 {
    let bytes = Array(name.utf8)
    guard bytes.count <= nameBytesMax else { throw SystemError(.bind, code: ENAMETOOLONG) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A name that begins with a zero byte is abstract; all bytes up to the length count.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in bytes.enumerated() { unsafe path[index + 1] = byte }
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + bytes.count)
    return unsafe withUnsafeBytes(of: &address) { raw in
      unsafe body(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
    }
  }
}
