import CLinux
import Glibc

/// A bound, non-blocking UDP socket for receiving.
package struct UDPSocket: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// The address of the socket. A requested port 0 is replaced by the kernel's choice.
  package let address: SocketAddress
  /// The receive buffer that the kernel granted, in the same unit as the request.
  ///
  /// Linux doubles the requested size for its bookkeeping and reports the doubled size (socket(7)).
  /// This is half of the reported size, so it can be compared with `net.core.rmem_max`.
  package let receiveBufferBytes: Int
  /// The datagrams dropped by the kernel. Safe from any thread, also after the socket was closed.
  package let drops: DropCounter

  /// Whether other sockets may have the same address; see the diagram at `UDPGroup`.
  enum Sharing {
    /// No other socket.
    case exclusive
    /// The first of several: sets `SO_REUSEPORT` after binding.
    case first
    /// A further one: sets `SO_REUSEPORT` before binding.
    case another
  }

  /// Binds one socket that does not share its port.
  ///
  /// - Parameters:
  ///   - readBufferBytes: The receive buffer to request; nil keeps the system's default. Without
  ///     CAP_NET_ADMIN the kernel grants at most `net.core.rmem_max`.
  ///   - flag: The command-line option that gave the address, for the error message.
  /// - Throws: `ListenError`.
  package static func bind(
    to address: SocketAddress, readBufferBytes: Int? = nil, flag: String
  ) throws(ListenError) -> UDPSocket {
    do {
      return try bind(
        to: address, isIPv6Only: false, readBufferBytes: readBufferBytes, sharing: .exclusive)
    } catch {
      throw ListenError(address: address, cause: error, flag: flag)
    }
  }

  static func bind(
    to address: SocketAddress, isIPv6Only: Bool, readBufferBytes: Int?, sharing: Sharing
  ) throws(SystemError) -> UDPSocket {
    let descriptor = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_DGRAM)
    if let readBufferBytes { try descriptor.requestReceiveBuffer(bytes: readBufferBytes) }
    if sharing == .another { try descriptor.set(SO_REUSEPORT, to: 1) }
    try descriptor.bind(to: address, isIPv6Only: isIPv6Only)
    if sharing == .first { try descriptor.set(SO_REUSEPORT, to: 1) }
    return UDPSocket(
      address: try descriptor.localAddress(),
      receiveBufferBytes: Int(try descriptor.value(of: SO_RCVBUF)) / 2,
      descriptor: descriptor)
  }

  /// Turns on `UDP_GRO` (Linux 5.0): the kernel merges consecutive datagrams of one sender. Receive
  /// them with a batch that `splitsSegments`.
  ///
  /// If the kernel drops merged datagrams, it counts them as one.
  package borrowing func receiveSegments() throws(SystemError) {
    try descriptor.set(UDP_GRO, of: Int32(IPPROTO_UDP), to: 1)
  }

  private init(
    address: SocketAddress, receiveBufferBytes: Int, descriptor: consuming FileDescriptor
  ) {
    self.address = address
    self.receiveBufferBytes = receiveBufferBytes
    drops = DropCounter(watching: descriptor)
    self.descriptor = descriptor
  }

  /// A socket that was handed over. Its receive buffer is raised where that is allowed without a limit, and
  /// never lowered.
  init(
    handed descriptor: consuming FileDescriptor, at address: SocketAddress, readBufferBytes: Int?
  ) {
    let granted = Int((try? descriptor.value(of: SO_RCVBUF)) ?? 0) / 2
    if let readBufferBytes, granted < readBufferBytes {
      try? descriptor.set(
        SO_RCVBUFFORCE, to: Int32(min(readBufferBytes, SocketLimits.receiveBufferBytesMax)))
    }
    self.init(
      address: address,
      receiveBufferBytes: Int((try? descriptor.value(of: SO_RCVBUF)) ?? 0) / 2,
      descriptor: descriptor)
  }

  deinit {
    drops.finish()
  }
}

extension FileDescriptor {
  fileprivate borrowing func requestReceiveBuffer(bytes: Int) throws(SystemError) {
    let bytes = Int32(min(max(bytes, 0), SocketLimits.receiveBufferBytesMax))
    do {
      try set(SO_RCVBUFFORCE, to: bytes)
    } catch {
      try set(SO_RCVBUF, to: bytes)
    }
  }
}
