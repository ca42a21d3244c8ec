// Safety: every pointer passed to the kernel is to a local value that outlives the call, with that
// value's size.

import CLinux
import Glibc

extension FileDescriptor {
  /// A new non-blocking socket that child processes do not inherit.
  static func socket(family: Int32, type: __socket_type) throws(SystemError) -> FileDescriptor {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = Glibc.socket(family, Int32(type.rawValue) | flags, 0)
    guard raw >= 0 else { throw .last(.socket) }
    return FileDescriptor(owning: raw)
  }

  /// A UDP socket at a port that the kernel chooses, connected to an address. Nothing is sent.
  static func udp(connectedTo peer: SocketAddress) throws(SystemError) -> FileDescriptor {
    let descriptor = try socket(family: peer.kernelFamily, type: SOCK_DGRAM)
    var storage = peer.storage
    let status = unsafe withUnsafeBytes(of: &storage) { bytes in
      unsafe Glibc.connect(
        descriptor.raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        peer.kernelLength)
    }
    guard status == 0 else { throw .last(.connect) }
    return descriptor
  }

  borrowing func bind(
    to address: SocketAddress, isIPv6Only: Bool = false
  ) throws(SystemError) {
    // Set explicitly because the default depends on the system.
    if address.family == .ipv6 {
      try set(IPV6_V6ONLY, of: Int32(IPPROTO_IPV6), to: isIPv6Only ? 1 : 0)
    }
    var storage = address.storage
    let status = unsafe withUnsafeBytes(of: &storage) { bytes in
      unsafe Glibc.bind(
        raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), address.kernelLength)
    }
    guard status == 0 else { throw .last(.bind) }
  }

  /// The address to which the socket is bound, with the port chosen by the kernel.
  borrowing func localAddress() throws(SystemError) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout.size(ofValue: storage))
    let status = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe getsockname(raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard status == 0 else { throw .last(.getsockname) }
    guard let address = SocketAddress(storage) else {
      throw SystemError(.getsockname, code: EAFNOSUPPORT)
    }
    return address
  }

  borrowing func set(
    _ option: Int32, of level: Int32 = SOL_SOCKET, to value: Int32
  ) throws(SystemError) {
    var value = value
    let size = socklen_t(MemoryLayout.size(ofValue: value))
    guard unsafe setsockopt(raw, level, option, &value, size) == 0 else { throw .last(.setsockopt) }
  }

  borrowing func value(of option: Int32) throws(SystemError) -> Int32 {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout.size(ofValue: value))
    guard unsafe getsockopt(raw, SOL_SOCKET, option, &value, &size) == 0 else {
      throw .last(.getsockopt)
    }
    return value
  }
}
