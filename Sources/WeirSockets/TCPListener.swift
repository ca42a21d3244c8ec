// Safety: accept4 fills a local sockaddr_storage and gets its size.

import CLinux
import Glibc

/// A non-blocking listening TCP socket.
package struct TCPListener: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// The address that it listens on. A requested port 0 is replaced by the kernel's choice.
  package let address: SocketAddress

  /// Listens at an address. `[::]` accepts IPv4 as well unless `isIPv6Only`.
  ///
  /// - Parameter flag: The command-line option that gave the address, for the error message.
  /// - Throws: `ListenError`.
  package static func bind(
    to address: SocketAddress, isIPv6Only: Bool = false, flag: String
  ) throws(ListenError) -> TCPListener {
    do throws(SystemError) {
      let descriptor = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_STREAM)
      // Allows a restart while old connections are in TIME_WAIT. Unlike for UDP, Linux still
      // refuses the port while another socket listens on it.
      try descriptor.set(SO_REUSEADDR, to: 1)
      try descriptor.bind(to: address, isIPv6Only: isIPv6Only)
      guard listen(descriptor.raw, SocketLimits.backlogConnectionsMax) == 0 else {
        throw SystemError.last(.listen)
      }
      return TCPListener(address: try descriptor.localAddress(), descriptor: descriptor)
    } catch {
      throw ListenError(address: address, cause: error, flag: flag)
    }
  }

  private init(address: SocketAddress, descriptor: consuming FileDescriptor) {
    self.address = address
    self.descriptor = descriptor
  }

  /// The next connection in the backlog; nil if there is none.
  ///
  /// Connections that failed in the backlog are skipped.
  ///
  /// - Throws: `SystemError`. After EMFILE or ENFILE the connection stays in the backlog, so an
  ///   immediate retry would be a busy loop.
  package borrowing func accept() throws(SystemError) -> TCPStream? {
    while true {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout.size(ofValue: storage))
      let raw = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
        unsafe accept4(
          descriptor.raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length,
          Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
      }
      if raw >= 0 {
        let peer = SocketAddress(storage)?.unmapped ?? .any4(port: 0)
        let stream = TCPStream(descriptor: FileDescriptor(owning: raw), peer: peer)
        // Without it, each of several short responses would wait for the peer's delayed
        // acknowledgement of the previous one. An error means a broken connection, which later
        // calls report.
        try? stream.descriptor.set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        return stream
      }
      switch errno {
      case EAGAIN: return nil
      // accept(2): these errors concern the connection, not the listener.
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
        EOPNOTSUPP, ENETUNREACH, EPERM:
        continue
      default: throw .last(.accept4)
      }
    }
  }
}
