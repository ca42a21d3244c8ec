import CLinux
import Glibc

/// A bound UDP socket that receives, does not block, and is closed with its owner.
package struct UDPSocket: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// Where it is bound, with the port that the kernel chose when 0 was asked.
  package let address: SocketAddress
  /// The receive buffer that the kernel granted, in the unit in which it is asked for.
  ///
  /// Linux doubles what it is asked, for its own bookkeeping, and reports the double (socket(7));
  /// this is half of what it reports, so that it compares with `net.core.rmem_max`.
  package let receiveBufferBytes: Int
  /// What the kernel threw away here; may be read from any thread, also after the socket closed.
  package let drops: DropCounter

  /// What a socket does about others at the same address.
  enum Sharing {
    /// Alone: a second socket at the address is refused.
    case exclusive
    /// Bound alone, then opened for more: whoever comes first finds a taken port taken.
    case first
    /// One more beside the first.
    case another
  }

  /// Binds one socket that shares its port with nobody.
  ///
  /// - Parameters:
  ///   - readBufferBytes: the receive buffer to ask for; nil keeps the system's default. A process
  ///     with CAP_NET_ADMIN gets it all, others at most `net.core.rmem_max`.
  ///   - flag: the operator's option for the address, for the sentence of an error.
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
    if let readBufferBytes { try descriptor.ask(forReceiveBufferBytes: readBufferBytes) }
    if sharing == .another { try descriptor.set(SO_REUSEPORT, to: 1) }
    try descriptor.bind(to: address, isIPv6Only: isIPv6Only)
    if sharing == .first { try descriptor.set(SO_REUSEPORT, to: 1) }
    return UDPSocket(
      address: try descriptor.localAddress(),
      receiveBufferBytes: Int(try descriptor.value(of: SO_RCVBUF)) / 2,
      descriptor: descriptor)
  }

  /// Lets the kernel hand over datagrams of one sender that came together in one piece
  /// (`UDP_GRO`, Linux 5.0). Read them with a batch that `splitsSegments`.
  ///
  /// The kernel counts such a piece that it throws away as one datagram.
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

  deinit {
    drops.finish()
  }
}

extension FileDescriptor {
  fileprivate borrowing func ask(forReceiveBufferBytes bytes: Int) throws(SystemError) {
    let bytes = Int32(min(max(bytes, 0), SocketLimits.receiveBufferBytesMax))
    do {
      try set(SO_RCVBUFFORCE, to: bytes)
    } catch {
      try set(SO_RCVBUF, to: bytes)
    }
  }
}
