// Safety: connect gets a local value that outlives the call, with its own size; send and recv get
// the start and count of a span that is borrowed for the call, and poll a local entry.

import CLinux
import Glibc

/// A UDP socket that sends to one address, and receives from it alone. It does not block.
package struct UDPSender: ~Copyable, Sendable {
  private let descriptor: FileDescriptor
  package let peer: SocketAddress

  private init(descriptor: consuming FileDescriptor, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// A sender from a port of the kernel's choice. Nothing is sent, nor is it known who listens.
  package static func connect(to peer: SocketAddress) throws(SystemError) -> UDPSender {
    let descriptor = try FileDescriptor.socket(family: peer.kernelFamily, type: SOCK_DGRAM)
    var storage = peer.storage
    let status = unsafe withUnsafeBytes(of: &storage) { bytes in
      unsafe Glibc.connect(
        descriptor.raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        peer.kernelLength)
    }
    guard status == 0 else { throw .last(.connect) }
    return UDPSender(descriptor: descriptor, peer: peer)
  }

  /// Hands one datagram to the kernel.
  ///
  /// - Throws: `SystemError`. `ECONNREFUSED` tells of a datagram before: its address said that nobody
  ///   listens there. Linux then doesn't send this one, so that it is worth a second try.
  package borrowing func send(_ datagram: Span<UInt8>) throws(SystemError) {
    while true {
      let sent = unsafe datagram.withUnsafeBytes { bytes in
        unsafe Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if sent >= 0 { return }
      if errno != EINTR { throw .last(.send) }
    }
  }

  /// Takes the next datagram that has come; nil where there is none. What is longer than `buffer` is
  /// cut off.
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Int? {
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

  /// Waits until there is something to receive, or an error to be told, at most so long.
  package borrowing func waitReadable(milliseconds: Int32) {
    var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, milliseconds)
  }
}
