// Safety: every pointer that the kernel gets is to a local value or to a span that is borrowed for the call, with
// its true size. The control message is read within the bytes that the kernel says it has written.

import CLinux
import Glibc

/// A socket that sees the IP packets that arrive at this machine, on all interfaces (packet(7)). It takes nothing
/// away from their receivers.
///
/// It is bound to one protocol, IPv4 or IPv6, and not to all of them. Such a socket sees a packet once, where
/// IP takes it over: not again at the parts of a bridge or a bond, and not as it leaves, as on loopback.
package struct PacketSocket: ~Copyable, Sendable {
  /// A packet that was received.
  package struct Packet: Equatable, Sendable {
    /// Bytes in the buffer.
    package let count: Int
    /// Nanoseconds since 1970, by the kernel; nil if it did not say.
    package let nanoseconds: Int64?
    /// Whether the packet is for this machine, or for a group that it may be in.
    package let isIncoming: Bool
    /// Whether the buffer was too small.
    package let isCut: Bool
  }

  /// No IP packet is longer.
  package static let packetBytesMax = 65_575
  private static let controlBytes = 128

  private let descriptor: FileDescriptor

  private init(descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Opens a socket for the UDP datagrams to some ports. Of a datagram in fragments it sees the first.
  ///
  /// - Parameters:
  ///   - ports: 1 to `PacketFilter.portsMax`.
  ///   - receiveBufferBytes: What to ask of the kernel, which may grant less.
  /// - Throws: `SystemError`: EPERM without CAP_NET_RAW, EAFNOSUPPORT if the kernel has no such sockets.
  package static func open(
    _ family: SocketAddress.Family, ports: [UInt16], receiveBufferBytes: Int
  ) throws(SystemError) -> PacketSocket {
    // Without a protocol it sees nothing until it is bound, with its filter in place.
    let descriptor = try FileDescriptor.socket(family: AF_PACKET, type: SOCK_DGRAM)
    var program = PacketFilter.program(family, ports: ports)
    let raw = descriptor.raw
    let status = unsafe program.withUnsafeMutableBufferPointer { buffer in
      var filter = unsafe sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
      let size = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
      return unsafe setsockopt(raw, SOL_SOCKET, SO_ATTACH_FILTER, &filter, size)
    }
    guard status == 0 else { throw .last(.setsockopt) }
    try descriptor.set(SO_TIMESTAMPNS, to: 1)
    let wanted = Int32(clamping: receiveBufferBytes)
    do throws(SystemError) {
      // Beyond the system's limit, which needs CAP_NET_ADMIN.
      try descriptor.set(SO_RCVBUFFORCE, to: wanted)
    } catch {
      try descriptor.set(SO_RCVBUF, to: wanted)
    }
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
    let bound = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe Glibc.bind(
        raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard bound == 0 else { throw .last(.bind) }
    return PacketSocket(descriptor: descriptor)
  }

  /// The next packet, from its IP head on; nil if there is none now.
  package borrowing func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Packet? {
    var address = sockaddr_ll()
    var control = [UInt8](repeating: 0, count: PacketSocket.controlBytes)
    var controlLength = 0
    var flags: Int32 = 0
    let raw = descriptor.raw
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe control.withUnsafeMutableBytes { control in
        unsafe withUnsafeMutableBytes(of: &address) { address in
          var vector = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
          return unsafe withUnsafeMutablePointer(to: &vector) { vector in
            while true {
              var message = unsafe msghdr()
              unsafe message.msg_name = address.baseAddress
              unsafe message.msg_namelen = socklen_t(address.count)
              unsafe message.msg_iov = vector
              unsafe message.msg_iovlen = 1
              unsafe message.msg_control = control.baseAddress
              unsafe message.msg_controllen = control.count
              let count = unsafe recvmsg(raw, &message, Int32(MSG_DONTWAIT))
              if count < 0, errno == EINTR { continue }
              controlLength = unsafe message.msg_controllen
              flags = unsafe message.msg_flags
              return count
            }
          }
        }
      }
    }
    guard count >= 0 else {
      if errno == EAGAIN { return nil }
      throw .last(.recv)
    }
    let type = Int32(address.sll_pkttype)
    return Packet(
      count: count,
      nanoseconds: PacketSocket.time(in: control, min(controlLength, control.count)),
      isIncoming: type != PACKET_OUTGOING && type != PACKET_OTHERHOST,
      isCut: flags & Int32(MSG_TRUNC) != 0)
  }

  /// The kernel's time of a packet: a control message is its length (8 bytes), level (4), type (4), and a
  /// `timespec`.
  private static func time(in control: [UInt8], _ length: Int) -> Int64? {
    let size = MemoryLayout<timespec>.size
    guard length >= 16 + size, size == 16 else { return nil }
    func number(_ range: Range<Int>) -> Int64 {
      Int64(bitPattern: control[range].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    guard number(8..<12) == Int64(SOL_SOCKET), number(12..<16) == Int64(SO_TIMESTAMPNS) else {
      return nil
    }
    let (seconds, overflow) = number(16..<24).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowOfSum) = seconds.addingReportingOverflow(number(24..<32))
    return overflow || overflowOfSum || sum < 0 ? nil : sum
  }

  /// Packets that found the buffer full, since the last call.
  package borrowing func takeDropped() -> Int {
    var statistics = tpacket_stats()
    var size = socklen_t(MemoryLayout<tpacket_stats>.size)
    let status = unsafe getsockopt(
      descriptor.raw, SOL_PACKET, PACKET_STATISTICS, &statistics, &size)
    return status == 0 ? Int(statistics.tp_drops) : 0
  }

  /// Waits until one of two sockets has a packet, until the timeout, or until a signal.
  package static func wait(
    _ first: borrowing PacketSocket, _ second: borrowing PacketSocket, milliseconds: Int32
  ) {
    var entries = [
      pollfd(fd: first.descriptor.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: second.descriptor.raw, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&entries, 2, milliseconds)
  }
}
