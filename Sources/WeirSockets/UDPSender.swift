// Safety: send and recv get the start and size of a span that is borrowed for the call, and poll gets a local
// entry.

import CLinux
import Glibc

/// A non-blocking UDP socket that is connected to one address: it sends to it and receives only
/// from it.
package struct UDPSender: ~Copyable, Sendable {
  let descriptor: FileDescriptor
  package let peer: SocketAddress

  private init(descriptor: consuming FileDescriptor, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// Connects a socket from a port chosen by the kernel. No datagram is sent, so it is unknown
  /// whether the peer exists.
  package static func connect(to peer: SocketAddress) throws(SystemError) -> UDPSender {
    UDPSender(descriptor: try FileDescriptor.udp(connectedTo: peer), peer: peer)
  }

  /// Sends one datagram.
  ///
  /// - Throws: `SystemError`. `ECONNREFUSED` concerns an earlier datagram, for which the peer
  ///   answered that its port is closed. Linux does not send the current datagram in that case;
  ///   retry once.
  package borrowing func send(_ datagram: Span<UInt8>) throws(SystemError) {
    while true {
      let sent = unsafe datagram.withUnsafeBytes { bytes in
        unsafe Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if sent >= 0 { return }
      if errno != EINTR { throw .last(.send) }
    }
  }

  /// Receives the next datagram; nil if there is none. It is truncated if `buffer` is too small.
  ///
  /// - Returns: The number of bytes.
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Int? {
    precondition(!buffer.isEmpty, "cannot receive into an empty buffer")
    while true {
      let received = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor.raw, bytes.baseAddress, bytes.count, 0)
      }
      if received >= 0 { return received }
      switch errno {
      case EINTR: continue
      case EAGAIN: return nil
      default: throw .last(.recv)
      }
    }
  }

  /// Waits until a datagram or an error can be received, or until the timeout.
  package borrowing func waitReadable(milliseconds: Int32) {
    var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, milliseconds)
  }
}
