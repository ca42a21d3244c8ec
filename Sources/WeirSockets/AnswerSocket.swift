// Safety: dup gets a descriptor that its owner keeps open during the call. sendto gets the start and size
// of a span that is borrowed for the call, and of a local address.

import CLinux
import Glibc

/// A duplicate of a datagram socket that answers what the socket has received, from its address. It can be used
/// after the socket was closed, from any thread.
package final class AnswerSocket: Sendable {
  private let descriptor: FileDescriptor

  /// - Throws: `SystemError` if there is no descriptor left.
  package convenience init(of socket: borrowing UDPSocket) throws(SystemError) {
    try self.init(of: socket.descriptor)
  }

  /// - Throws: `SystemError` if there is no descriptor left.
  package init(of socket: borrowing FileDescriptor) throws(SystemError) {
    let raw = fcntl(socket.raw, F_DUPFD_CLOEXEC, 0)
    guard raw >= 0 else { throw .last(.fcntl) }
    descriptor = FileDescriptor(owning: raw)
  }

  /// Sends one datagram to an address as `MessageBatch.replyAddress` gives it, without waiting.
  ///
  /// - Returns: Whether the kernel accepted it.
  package func send(_ datagram: Span<UInt8>, to address: SocketAddress) -> Bool {
    var storage = address.storage
    let sent = unsafe datagram.withUnsafeBytes { bytes in
      unsafe withUnsafeBytes(of: &storage) { target in
        unsafe sendto(
          descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL),
          target.baseAddress?.assumingMemoryBound(to: sockaddr.self), address.kernelLength)
      }
    }
    return sent == datagram.count
  }
}
