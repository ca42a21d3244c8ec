// Safety: every pointer passed to the kernel is to a local value that outlives the call, with that
// value's size.

import CLinux
import Glibc

/// A Unix stream socket between two processes in the same network namespace.
///
/// Its name is in the abstract namespace (unix(7)). There is no file, so nothing remains after a
/// crash and no writable directory is needed. There are no permissions either: any process can take
/// a free name or connect. Each side therefore asks the kernel for the user of the other
/// (`peerUser`).
package final class LocalSocket: Sendable {
  static let nameBytesMax = UnixPath.bytesMax

  package let descriptor: FileDescriptor

  private init(_ descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Connects to the process that listens at `name`.
  ///
  /// - Parameter timeoutSeconds: The timeout of this call and of each later call on the socket.
  /// - Throws: `SystemError`; ECONNREFUSED if no process listens.
  package static func connect(
    _ name: String, timeoutSeconds: Int
  ) throws(SystemError) -> LocalSocket {
    let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw .last(.socket) }
    let socket = LocalSocket(FileDescriptor(owning: raw))
    var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      let size = socklen_t(MemoryLayout.size(ofValue: limit))
      guard unsafe setsockopt(raw, SOL_SOCKET, option, &limit, size) == 0 else {
        throw .last(.setsockopt)
      }
    }
    let address = try UnixAddress(abstractName: name, for: .connect)
    let status = unsafe address.withKernelForm { unsafe Glibc.connect(raw, $0, $1) }
    guard status == 0 else { throw .last(.connect) }
    return socket
  }

  /// A non-blocking socket that listens at `name`.
  ///
  /// - Throws: `SystemError`; EADDRINUSE if the name is taken.
  package static func listen(_ name: String) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(try FileDescriptor.socket(family: AF_UNIX, type: SOCK_STREAM))
    let raw = socket.descriptor.raw
    let address = try UnixAddress(abstractName: name, for: .bind)
    let status = unsafe address.withKernelForm { unsafe Glibc.bind(raw, $0, $1) }
    guard status == 0 else { throw .last(.bind) }
    guard Glibc.listen(raw, SocketLimits.backlogConnectionsMax) == 0 else { throw .last(.listen) }
    return socket
  }

  /// The next connection, non-blocking; nil if none waits or accepting failed.
  package func accept() -> LocalSocket? {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = accept4(descriptor.raw, nil, nil, flags)
    return raw >= 0 ? LocalSocket(FileDescriptor(owning: raw)) : nil
  }

  /// The user ID of the process at the other end at the time of the connection; on the connecting
  /// side, of the process that listens.
  package func peerUser() throws(SystemError) -> UInt32 {
    var peer = weir_ucred()
    var size = socklen_t(MemoryLayout.size(ofValue: peer))
    guard unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else {
      throw .last(.getsockopt)
    }
    return peer.uid
  }

  /// Sends a short text. It must fit into the kernel's buffer. Errors are ignored.
  package func send(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      _ = unsafe Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// Reads what has arrived, at most `bytesMax` bytes, from a non-blocking socket; nil if nothing has
  /// arrived yet. The result is empty at the end of the stream, and after an error.
  package func receiveArrived(bytesMax: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let got = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe recv(descriptor.raw, room.baseAddress, room.count, 0)
    }
    if got < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
    return Array(bytes[..<got])
  }

  /// Waits until there is something to receive, or until an instant; false after that instant.
  package func waitToReceive(until end: ContinuousClock.Instant) -> Bool {
    while true {
      let left = (end - .now) / .milliseconds(1)
      guard left > 0 else { return false }
      var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
      // Rounded up, so that it does not return just before the end.
      if unsafe poll(&entry, 1, Int32(min(left.rounded(.up), 60_000))) > 0 { return true }
    }
  }

  /// Reads to the end of the stream, at most `bytesMax` bytes.
  ///
  /// - Throws: `SystemError`; EAGAIN after the timeout.
  package func receive(bytesMax: Int) throws(SystemError) -> String {
    precondition(bytesMax > 0, "nothing to receive")
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
}
