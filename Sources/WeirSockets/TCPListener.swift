// Safety: accept4 fills a local sockaddr_storage and is told its size.

import CLinux
import Glibc

/// A listening TCP socket that does not block.
package struct TCPListener: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// Where it listens, with the port that the kernel chose when 0 was asked.
  package let address: SocketAddress

  /// Listens at an address; `[::]` takes IPv4 as well unless `isIPv6Only`.
  ///
  /// - Parameter flag: the operator's option for the address, for the sentence of an error.
  package static func bind(
    to address: SocketAddress, isIPv6Only: Bool = false, flag: String
  ) throws(ListenError) -> TCPListener {
    do throws(SystemError) {
      let descriptor = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_STREAM)
      // A restart need not wait for the old connections to time out. Unlike with UDP, Linux still
      // refuses the port while somebody listens there.
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

  /// The next connection that waits; nil when none does.
  ///
  /// Connections that died while they waited are passed over.
  ///
  /// - Throws: `SystemError`; EMFILE and ENFILE leave the connection waiting, so that a caller who
  ///   tries again at once would spin.
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
        // Without it, each of several short answers would wait for the peer's delayed
        // acknowledgement of the one before. A connection that is gone already fails on its own.
        try? stream.descriptor.set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        return stream
      }
      switch errno {
      case EAGAIN: return nil
      // accept(2): these are the network's errors of the connection, not of the listener.
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
        EOPNOTSUPP, ENETUNREACH, EPERM:
        continue
      default: throw .last(.accept4)
      }
    }
  }
}
