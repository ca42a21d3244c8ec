// Safety: every pointer handed to the kernel here is to a local value that outlives the call, with
// that value's own size.

import CLinux
import Glibc

extension FileDescriptor {
  /// A new socket that neither blocks nor is inherited by programs that this one starts.
  static func socket(family: Int32, type: __socket_type) throws(SystemError) -> FileDescriptor {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = Glibc.socket(family, Int32(type.rawValue) | flags, 0)
    guard raw >= 0 else { throw .last(.socket) }
    return FileDescriptor(owning: raw)
  }

  borrowing func bind(
    to address: SocketAddress, isIPv6Only: Bool = false
  ) throws(SystemError) {
    // [::] takes IPv4 as well, whatever the system's default is.
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

  /// The address to which the socket is bound, with the port that the kernel chose.
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
