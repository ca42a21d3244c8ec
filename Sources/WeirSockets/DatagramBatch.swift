// Safety: `buffer` is mapped for the lifetime of the value, zeroed by the kernel, and `capacity *
// stride` bytes long. Only recvmmsg in the mutating `receive` writes to it, so no span (each
// borrows the batch) sees a write. The headers point only to memory that this value owns and does
// not move. Every index is compared with `count` or `capacity`.

import CLinux
import Glibc

/// The datagrams of one receive call. The memory is reused for the next call.
///
/// Each datagram has a slot in one buffer:
///
/// ```
/// start(of: 0)                        start(of: 1) = stride
/// ▼                                   ▼
/// | datagram 0 | stale bytes          | datagram 1 | stale bytes …
///              ├─ readable ─▶         │
///              at least readableBytesAfter
/// ```
///
/// The bytes after a datagram have no meaning, but may be read. With segmentation offload a slot
/// may hold several datagrams of one sender, all of `segmentBytes(of:)` bytes except the last.
/// Pages that no datagram has reached use no memory.
@safe package struct DatagramBatch: ~Copyable {
  /// Bytes for each datagram: more than UDP allows, so that no datagram is truncated.
  static let slotBytes = 65_536
  /// Bytes that may be read after the end of every datagram.
  package static let readableBytesAfter = 2_112
  /// Bytes from slot to slot. With a power of two, the starts of all slots (all that small
  /// datagrams use) would map to the same few cache sets. An odd number of cache lines spreads
  /// them.
  static let stride = slotBytes + readableBytesAfter

  /// Datagrams that one call can receive.
  package let capacity: Int
  /// Datagrams received by the last call.
  package private(set) var count = 0
  /// The socket of the last `receive`, by which its datagrams are answered.
  private var receivedBy: Int32 = -1
  /// Datagrams of the last call that were too long, of a Unix socket only.
  package private(set) var tooLong = 0

  private let buffer: UnsafeMutableRawBufferPointer
  private let headers: UnsafeMutableBufferPointer<weir_mmsghdr>
  private let vectors: UnsafeMutableBufferPointer<iovec>
  private let senders: UnsafeMutableBufferPointer<sockaddr_storage>
  /// One for each slot, or empty if segments are not split.
  private let controls: UnsafeMutableBufferPointer<Control>

  /// A control message with one integer, with the size `CMSG_SPACE(sizeof(int))`.
  private struct Control {
    var header = cmsghdr()
    var value: Int32 = 0
    private let padding: Int32 = 0
  }

  /// Maps the buffer: 66 KiB of address space for each datagram.
  ///
  /// - Parameter splitsSegments: Whether `receiveSegments` has been called on the sockets.
  /// - Precondition: `capacity` is 1 to `SocketLimits.batchDatagramsMax`.
  package init(
    capacity: Int = SocketLimits.batchDatagramsDefault, splitsSegments: Bool = false
  ) {
    precondition((1...SocketLimits.batchDatagramsMax).contains(capacity), "capacity out of range")
    self.capacity = capacity
    let bytes = capacity * Self.stride
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let start = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    // Like any failed allocation, this ends the process.
    precondition(unsafe start != MAP_FAILED, "no address space for a datagram batch")
    unsafe buffer = UnsafeMutableRawBufferPointer(start: start, count: bytes)
    unsafe headers = .allocate(capacity: capacity)
    unsafe vectors = .allocate(capacity: capacity)
    unsafe senders = .allocate(capacity: capacity)
    unsafe headers.initialize(repeating: weir_mmsghdr())
    unsafe vectors.initialize(repeating: iovec())
    unsafe senders.initialize(repeating: sockaddr_storage())
    unsafe controls = .allocate(capacity: splitsSegments ? capacity : 0)
    unsafe controls.initialize(repeating: Control())
    for slot in 0..<capacity {
      unsafe vectors[slot] = iovec(
        iov_base: start?.advanced(by: slot * Self.stride), iov_len: Self.slotBytes)
      unsafe headers[slot].msg_hdr.msg_iov = vectors.baseAddress?.advanced(by: slot)
      unsafe headers[slot].msg_hdr.msg_iovlen = 1
      unsafe headers[slot].msg_hdr.msg_name = UnsafeMutableRawPointer(
        senders.baseAddress?.advanced(by: slot))
      unsafe headers[slot].msg_hdr.msg_namelen = Self.senderBytes
      if splitsSegments {
        unsafe headers[slot].msg_hdr.msg_control = UnsafeMutableRawPointer(
          controls.baseAddress?.advanced(by: slot))
        unsafe headers[slot].msg_hdr.msg_controllen = MemoryLayout<Control>.size
      }
    }
  }

  deinit {
    _ = unsafe munmap(buffer.baseAddress, buffer.count)
    unsafe headers.deallocate()
    unsafe vectors.deallocate()
    unsafe senders.deallocate()
    unsafe controls.deallocate()
  }

  private static var senderBytes: socklen_t { socklen_t(MemoryLayout<sockaddr_storage>.size) }

  /// Receives the datagrams in the socket's buffer, up to `capacity`, and replaces the previous
  /// ones.
  ///
  /// One system call, which neither allocates nor blocks. Errors from ICMP answers to datagrams
  /// that were sent on the socket, such as ECONNREFUSED, do not concern a receiver; they return 0.
  ///
  /// - Returns: The number of datagrams, also in `count`; 0 if there are none.
  package mutating func receive(from socket: borrowing UDPSocket) throws(SystemError) -> Int {
    try receive(from: socket.descriptor.raw)
  }

  /// The same from a Unix socket, whose datagrams may be longer than a slot: such a one is empty here, and
  /// counted in `tooLong`.
  package mutating func receive(
    from socket: borrowing UnixDatagramSocket
  ) throws(SystemError) -> Int {
    let count = try receive(from: socket.descriptor.raw)
    tooLong = 0
    for index in 0..<count where isTruncated(index) {
      // Half a line could be read as another one.
      unsafe headers[index].msg_len = 0
      tooLong += 1
    }
    return count
  }

  private mutating func receive(from descriptor: Int32) throws(SystemError) -> Int {
    // The kernel has overwritten the lengths in the slots that it used.
    for slot in 0..<count {
      unsafe headers[slot].msg_hdr.msg_namelen = Self.senderBytes
      if unsafe !controls.isEmpty {
        unsafe headers[slot].msg_hdr.msg_controllen = MemoryLayout<Control>.size
      }
    }
    count = 0
    receivedBy = descriptor
    while true {
      let received = unsafe recvmmsg(
        descriptor, headers.baseAddress, UInt32(capacity),
        Int32(MSG_DONTWAIT), nil)
      if received >= 0 {
        count = Int(received)
        return count
      }
      switch errno {
      case EINTR: continue
      case EAGAIN, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN:
        return 0
      default: throw .last(.recvmmsg)
      }
    }
  }

  /// The whole buffer. Datagram `i` is at `start(of: i)..<start(of: i) + length(of: i)`.
  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let start = unsafe buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      let span = unsafe Span(_unsafeStart: start, count: buffer.count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The offset of datagram `index` in `bytes`.
  package func start(of index: Int) -> Int {
    index * Self.stride
  }

  /// The number of bytes of datagram `index`; may be 0.
  package func length(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe min(Int(headers[index].msg_len), Self.slotBytes)
  }

  /// The size of the datagrams in slot `index` if the kernel has merged several; the last one may
  /// be shorter. For a single datagram its size, but at least 1.
  package func segmentBytes(of index: Int) -> Int {
    let whole = max(length(of: index), 1)
    guard unsafe !controls.isEmpty,
      unsafe headers[index].msg_hdr.msg_controllen >= MemoryLayout<cmsghdr>.size + 4,
      unsafe controls[index].header.cmsg_level == Int32(IPPROTO_UDP),
      unsafe controls[index].header.cmsg_type == UDP_GRO
    else { return whole }
    let segment = unsafe Int(controls[index].value)
    return segment > 0 ? min(segment, whole) : whole
  }

  /// Whether the kernel truncated datagram `index` because it did not fit into the slot.
  package func isTruncated(_ index: Int) -> Bool {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe headers[index].msg_hdr.msg_flags & Int32(MSG_TRUNC) != 0
  }

  /// Whether datagram `index` came over a Unix socket, whose senders need no address.
  private func isLocal(_ index: Int) -> Bool {
    precondition(index >= 0 && index < count, "no such datagram")
    let family = unsafe senders[index].ss_family
    return unsafe headers[index].msg_hdr.msg_namelen == 0 || Int32(family) == AF_UNIX
  }

  /// The sender of datagram `index`. IPv4 senders on a dual-stack socket have IPv4 addresses.
  package func sender(of index: Int) -> SocketAddress {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe SocketAddress(senders[index])?.unmapped ?? .any4(port: 0)
  }

  /// Sends an answer to the sender of datagram `index`, through the socket that received it, which must
  /// still be open.
  ///
  /// - Returns: Whether the kernel accepted it. The call does not block.
  package func answer(_ index: Int, with answer: Span<UInt8>) -> Bool {
    precondition(index >= 0 && index < count, "no such datagram")
    let header = unsafe headers[index].msg_hdr
    guard let sender = unsafe header.msg_name, unsafe header.msg_namelen > 0 else { return false }
    // Safety: the kernel has written the sender's address of `msg_namelen` bytes there.
    let address = unsafe sender.assumingMemoryBound(to: sockaddr.self)
    let sent = unsafe answer.withUnsafeBytes { bytes in
      unsafe sendto(
        receivedBy, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), address,
        header.msg_namelen)
    }
    return sent == answer.count
  }

  /// The sender's address as the socket knows it: on a dual-stack socket an IPv4 sender has a mapped one.
  package func replyAddress(of index: Int) -> SocketAddress? {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe SocketAddress(senders[index])
  }

  /// The slot that contains an offset of `bytes`.
  package func slot(containing offset: Int) -> Int {
    offset / Self.stride
  }
}

extension DatagramBatch: MessageBatch {
  package func range(of index: Int) -> Range<Int> {
    let start = start(of: index)
    return start..<start + length(of: index)
  }

  package func partBytes(of index: Int) -> Int { segmentBytes(of: index) }

  package func source(of index: Int) -> MessageSource {
    guard isLocal(index) else { return .address(sender(of: index)) }
    return .named(UnixPath.of(receivedBy) ?? "a Unix socket")
  }

  package func message(containing offset: Int) -> Int { slot(containing: offset) }
}
