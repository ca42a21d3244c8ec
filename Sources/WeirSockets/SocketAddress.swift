// Safety: sockaddr_storage consists of plain bytes and is at least as large as every sockaddr used
// here. All offsets are those of the kernel's fixed layouts. inet_ntop terminates its output.

import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port. It needs no heap memory.
///
/// ```
///         family   port   scope   high                    low
/// IPv4    .ipv4    8125   0       0                       the address in the lower 32 bits
/// IPv6    .ipv6    8125   2       the first 64 bits       the last 64 bits
/// ```
package struct SocketAddress: Sendable, Hashable {
  package enum Family: UInt8, Sendable {
    case ipv4, ipv6
  }

  package let family: Family
  /// The UDP or TCP port; 0 lets the kernel choose.
  package let port: UInt16
  /// The interface index of a link-local IPv6 address; 0 for all others.
  private let scope: UInt32
  let high: UInt64
  let low: UInt64

  package init(
    family: Family, port: UInt16, scope: UInt32 = 0, high: UInt64 = 0, low: UInt64
  ) {
    self.family = family
    self.port = port
    self.scope = scope
    self.high = high
    self.low = low
  }

  /// The IPv4 address `a.b.c.d`.
  package static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> Self {
    let low = [a, b, c, d].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return SocketAddress(family: .ipv4, port: port, low: low)
  }

  /// 127.0.0.1.
  package static func loopback(port: UInt16) -> Self { .ipv4(127, 0, 0, 1, port: port) }

  /// `[::1]`, the loopback address of IPv6.
  package static func loopback6(port: UInt16) -> Self {
    SocketAddress(family: .ipv6, port: port, low: 1)
  }

  /// `0.0.0.0`: every IPv4 address of this machine.
  package static func any4(port: UInt16) -> Self { .ipv4(0, 0, 0, 0, port: port) }

  /// `[::]`: every address of this machine. Sockets of this module accept IPv4 there as well,
  /// unless they are IPv6 only.
  package static func any6(port: UInt16) -> Self {
    SocketAddress(family: .ipv6, port: port, low: 0)
  }

  /// The same address with another port.
  package func with(port: UInt16) -> Self {
    SocketAddress(family: family, port: port, scope: scope, high: high, low: low)
  }

  /// Whether this is `[::]` and `addresses` contain `0.0.0.0` with the same port. A socket at this
  /// address must then be IPv6 only.
  package func leavesIPv4(to addresses: [SocketAddress]) -> Bool {
    port != 0 && self == .any6(port: port) && addresses.contains(.any4(port: port))
  }

  /// Whether a socket at this address receives the traffic to `other`, so that both cannot be
  /// bound.
  func covers(_ other: SocketAddress) -> Bool {
    guard port != 0, port == other.port else { return false }
    if self == other || self == .any4(port: port) && other.family == .ipv4 { return true }
    return self == .any6(port: port) && other != .any4(port: port)
  }

  /// The IPv4 address of an IPv4-mapped one (`::ffff:a.b.c.d`); other addresses unchanged.
  package var unmapped: Self {
    guard family == .ipv6, high == 0, low >> 32 == 0xffff else { return self }
    return SocketAddress(family: .ipv4, port: port, low: low & 0xffff_ffff)
  }
}

extension SocketAddress {
  /// Converts the kernel's form; nil for a family other than IPv4 and IPv6.
  package init?(_ storage: sockaddr_storage) {
    let address = unsafe withUnsafeBytes(of: storage) { bytes -> SocketAddress? in
      let port = unsafe bytes.load(fromByteOffset: 2, as: UInt16.self).bigEndian
      switch Int32(storage.ss_family) {
      case AF_INET:
        let low = unsafe bytes.load(fromByteOffset: 4, as: UInt32.self).bigEndian
        return SocketAddress(family: .ipv4, port: port, low: UInt64(low))
      case AF_INET6:
        return SocketAddress(
          family: .ipv6, port: port,
          scope: unsafe bytes.load(fromByteOffset: 24, as: UInt32.self),
          high: unsafe bytes.load(fromByteOffset: 8, as: UInt64.self).bigEndian,
          low: unsafe bytes.load(fromByteOffset: 16, as: UInt64.self).bigEndian)
      default:
        return nil
      }
    }
    guard let address else { return nil }
    self = address
  }

  /// The kernel's form. The first `kernelLength` bytes are used.
  package var storage: sockaddr_storage {
    var storage = sockaddr_storage()
    storage.ss_family = sa_family_t(kernelFamily)
    unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      switch family {
      case .ipv4:
        let low = UInt32(truncatingIfNeeded: low).bigEndian
        unsafe bytes.storeBytes(of: low, toByteOffset: 4, as: UInt32.self)
      case .ipv6:
        unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
        unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
        unsafe bytes.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
      }
    }
    return storage
  }

  /// `AF_INET` or `AF_INET6`.
  package var kernelFamily: Int32 { family == .ipv4 ? AF_INET : AF_INET6 }

  /// The number of bytes of `storage` that this family uses.
  package var kernelLength: socklen_t {
    switch family {
    case .ipv4: socklen_t(MemoryLayout<sockaddr_in>.size)
    case .ipv6: socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The address without its port: `127.0.0.1`, `::1`, `fe80::1%2`.
  package var host: String {
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) {
      buffer -> String? in
      unsafe withUnsafeBytes(of: storage) { bytes in
        guard let source = bytes.baseAddress, let target = buffer.baseAddress,
          unsafe inet_ntop(
            kernelFamily, source + (family == .ipv4 ? 4 : 8), target, socklen_t(buffer.count))
            != nil
        else { return nil }
        return unsafe String(cString: target)
      }
    }
    return (text ?? "?") + (scope == 0 ? "" : "%\(scope)")
  }

  /// `127.0.0.1:8125` or `[::1]:8125`, as in the configuration.
  package var description: String {
    family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
  }
}
