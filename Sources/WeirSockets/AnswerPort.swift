// Safety: sendto gets the start and size of a span that is borrowed for the call, and a local address.

import Glibc

/// Answers datagrams after the call that received them has ended, through the socket that received them.
///
/// It has a descriptor of its own for the socket, so that it may outlive the receiver.
package final class AnswerPort: Sendable {
  private let descriptor: FileDescriptor
  private let family: SocketAddress.Family

  /// - Throws: `SystemError`, if there is no descriptor left.
  package init(_ socket: borrowing UDPSocket) throws(SystemError) {
    let copy = fcntl(socket.descriptor.raw, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw .last(.socket) }
    descriptor = FileDescriptor(owning: copy)
    family = socket.address.family
  }

  /// Sends a datagram, without waiting.
  ///
  /// - Returns: Whether the kernel accepted it.
  package func send(_ answer: Span<UInt8>, to address: SocketAddress) -> Bool {
    let address = family == .ipv6 ? address.mapped : address
    var storage = address.storage
    let sent = unsafe answer.withUnsafeBytes { bytes in
      unsafe withUnsafeBytes(of: &storage) { target in
        unsafe sendto(
          descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
          target.baseAddress?.assumingMemoryBound(to: sockaddr.self), address.kernelLength)
      }
    }
    return sent == answer.count
  }
}

extension SocketAddress {
  /// An IPv4 address as a socket for both families needs it (`::ffff:a.b.c.d`); other addresses unchanged.
  var mapped: Self {
    family == .ipv4
      ? SocketAddress(family: .ipv6, port: port, low: 0xffff_0000_0000 | low) : self
  }
}

extension SocketAddress {
  /// Whether a socket that is bound to this address receives what is sent to `target` from this machine.
  package func receives(_ target: SocketAddress) -> Bool {
    guard port == target.port else { return false }
    let target = target.unmapped
    if self == target { return true }
    let isEvery = self == .any4(port: port) && target.family == .ipv4 || self == .any6(port: port)
    return isEvery && ListenAddress.isOwn(target)
  }
}
