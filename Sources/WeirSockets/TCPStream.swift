// Safety: recv and send get the start and count of a span that is borrowed for the call, or the address
// of a local byte; setsockopt reads a local value and is told its size.

import CLinux
import Glibc

/// An accepted TCP connection that does not block.
package struct TCPStream: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  package let peer: SocketAddress

  init(descriptor: consuming FileDescriptor, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// What a call to receive found.
  package enum Received: Equatable, Sendable {
    case bytes(Int)
    /// Nothing has come yet.
    case nothing
    /// The peer sends no more; it may still read.
    case end
  }

  /// Reads what has come into `buffer`, which must not be empty.
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Received {
    precondition(!buffer.isEmpty, "nothing can be read into an empty buffer")
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

  /// Whether the peer sends no more and everything that it sent has been read; takes nothing.
  package borrowing func isAtEnd() -> Bool {
    var byte: UInt8 = 0
    let received = unsafe recv(descriptor.raw, &byte, 1, Int32(MSG_PEEK))
    return received == 0 || received < 0 && errno != EAGAIN && errno != EINTR
  }

  /// Hands the kernel as much of `bytes` as it takes now.
  ///
  /// A peer that is gone is an error, never a signal.
  ///
  /// - Returns: the number of bytes taken; 0 when the peer must read first.
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

  /// Has the connection end with a reset when its descriptor closes, even by the end of the process, or
  /// with an ordinary end again.
  ///
  /// A reset tells the peer that what it has got is not the whole.
  package borrowing func resetWhenClosed(_ isReset: Bool) {
    var option = linger(l_onoff: isReset ? 1 : 0, l_linger: 0)
    let size = socklen_t(MemoryLayout.size(ofValue: option))
    // Fails only when the peer is gone already.
    _ = unsafe setsockopt(descriptor.raw, SOL_SOCKET, SO_LINGER, &option, size)
  }

  /// Sends no more; the peer sees the end of the stream, and what it sends can still be read.
  package borrowing func finishSending() {
    // Fails only when the peer is gone already.
    _ = shutdown(descriptor.raw, Int32(SHUT_WR))
  }
}
