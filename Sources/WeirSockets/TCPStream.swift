// Safety: recv and send get the start and size of a span that is borrowed for the call, or the
// address of a local byte. getsockopt and setsockopt get a local value and its size.

import CLinux
import Glibc

/// An accepted, non-blocking connection: of TCP, or of a Unix socket, whose peer has no address.
package struct TCPStream: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// `0.0.0.0:0` for a Unix socket.
  package let peer: SocketAddress

  init(descriptor: consuming FileDescriptor, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// The result of a call to receive.
  package enum Received: Equatable, Sendable {
    /// This many bytes were received.
    case bytes(Int)
    /// No bytes are available.
    case nothing
    /// The peer has closed its side. It may still read.
    case end
  }

  /// Reads available bytes into `buffer`.
  ///
  /// - Precondition: `buffer` is not empty.
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Received {
    precondition(!buffer.isEmpty, "cannot receive into an empty buffer")
    while true {
      let received = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor.raw, bytes.baseAddress, bytes.count, 0)
      }
      if received > 0 { return .bytes(received) }
      if received == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .nothing
      default: throw .last(.recv)
      }
    }
  }

  /// The process at the other end of a Unix socket at the time of the connection; nil if it is not known, and
  /// for TCP.
  package borrowing func peerProcess() -> Int? {
    var credentials = weir_ucred()
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    let status = unsafe getsockopt(
      descriptor.raw, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
    return status == 0 && credentials.pid > 0 ? Int(credentials.pid) : nil
  }

  /// Whether the peer has closed its side and everything it sent has been read. Reads nothing.
  package borrowing func isAtEnd() -> Bool {
    var byte: UInt8 = 0
    let received = unsafe recv(descriptor.raw, &byte, 1, Int32(MSG_PEEK))
    return received == 0 || received < 0 && errno != EAGAIN && errno != EINTR
  }

  /// Whether bytes can be received. Reads none.
  package borrowing func hasUnread() -> Bool {
    var byte: UInt8 = 0
    return unsafe recv(descriptor.raw, &byte, 1, Int32(MSG_PEEK)) > 0
  }

  /// Sends as much of `bytes` as the kernel accepts without blocking.
  ///
  /// - Returns: The number of bytes sent; 0 if the peer must read first.
  /// - Throws: `SystemError`, also for a broken connection, which never raises SIGPIPE.
  package borrowing func send(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
    while true {
      let sent = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if sent >= 0 { return sent }
      switch errno {
      case EINTR: continue
      case EAGAIN: return 0
      default: throw .last(.send)
      }
    }
  }

  /// Selects how the connection ends when its descriptor is closed, also at the end of the process:
  /// with a reset, or normally.
  ///
  /// A reset tells the peer that the data is incomplete.
  package borrowing func resetWhenClosed(_ isReset: Bool) {
    var option = linger(l_onoff: isReset ? 1 : 0, l_linger: 0)
    let size = socklen_t(MemoryLayout.size(ofValue: option))
    // Fails only when the peer is gone already.
    _ = unsafe setsockopt(descriptor.raw, SOL_SOCKET, SO_LINGER, &option, size)
  }

  /// Closes the sending side: the peer sees the end of the stream. Its data can still be read.
  package borrowing func finishSending() {
    // Fails only when the peer is gone already.
    _ = shutdown(descriptor.raw, Int32(SHUT_WR))
  }
}
