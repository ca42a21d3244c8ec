// Safety: `buffer` is mapped for the life of the value, zeroed by the kernel, `slots * stride` bytes
// long, and written by nobody but recvmmsg inside the mutating `receive`, so that no span handed out
// (each borrows the batch) sees a write. The headers point only into memory that this value owns,
// which stays in place. Every index is checked against `count` or `capacity`.

import CLinux
import Glibc

/// The datagrams of one receive call, in memory that is used again for the next.
///
/// Where segments are received a slot may hold several datagrams of one sender, back to back.
///
/// Each datagram lies in a slot of its own within one buffer, at `start(of:)`, and may be followed
/// by stale bytes: at least `readableBytesAfter` bytes past its end may be read, and mean nothing.
/// Pages that no datagram has reached take no memory.
@safe package struct DatagramBatch: ~Copyable {
  /// Bytes offered to each datagram: more than UDP can carry, so that none is cut short.
  static let slotBytes = 65_536
  /// Bytes that may be read past the end of every datagram.
  package static let readableBytesAfter = 2_112
  /// From slot to slot. A power of two would put the start of every slot, which is all that small
  /// datagrams touch, into the same few sets of the cache; an odd number of lines spreads them.
  static let stride = slotBytes + readableBytesAfter

  /// Datagrams that one call can take.
  package let capacity: Int
  /// Datagrams of the last `receive`.
  package private(set) var count = 0
  /// The socket of the last `receive`, by which its datagrams are answered.
  private var receivedBy: Int32 = -1

  private let buffer: UnsafeMutableRawBufferPointer
  private let headers: UnsafeMutableBufferPointer<weir_mmsghdr>
  private let vectors: UnsafeMutableBufferPointer<iovec>
  private let senders: UnsafeMutableBufferPointer<sockaddr_storage>
  /// One `Control` a slot, or none.
  private let controls: UnsafeMutableBufferPointer<Control>

  /// A control message that holds one integer, as `CMSG_SPACE(sizeof(int))` has it.
  private struct Control {
    var header = cmsghdr()
    var value: Int32 = 0
    private let padding: Int32 = 0
  }

  /// Maps the buffer: 66 KiB of address space a datagram.
  ///
  /// - Parameter splitsSegments: Whether the sockets it receives from have `receiveSegments` on.
  /// - Precondition: 1 to `SocketLimits.batchDatagramsMax` datagrams.
  package init(
    capacity: Int = SocketLimits.batchDatagramsDefault, splitsSegments: Bool = false
  ) {
    precondition((1...SocketLimits.batchDatagramsMax).contains(capacity), "capacity out of range")
    self.capacity = capacity
    let bytes = capacity * Self.stride
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let start = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    // As with every other allocation, there is no going on without the memory.
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

  /// Takes in what waits at the socket, up to `capacity` datagrams, in place of what was here.
  ///
  /// One system call, no allocation, no wait. Errors that a peer's answer to some earlier datagram
  /// left on the socket (such as ECONNREFUSED) are nothing to a receiver, and give 0.
  ///
  /// - Returns: the number of datagrams, also in `count`; 0 when nothing waits.
  package mutating func receive(from socket: borrowing UDPSocket) throws(SystemError) -> Int {
    // The kernel has overwritten the lengths of the slots that it used.
    for slot in 0..<count {
      unsafe headers[slot].msg_hdr.msg_namelen = Self.senderBytes
      if unsafe !controls.isEmpty {
        unsafe headers[slot].msg_hdr.msg_controllen = MemoryLayout<Control>.size
      }
    }
    count = 0
    receivedBy = socket.descriptor.raw
    while true {
      let received = unsafe recvmmsg(
        socket.descriptor.raw, headers.baseAddress, UInt32(capacity),
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

  /// The whole buffer; datagram `i` is `start(of: i)..<start(of: i) + length(of: i)` of it.
  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let start = unsafe buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      let span = unsafe Span(_unsafeStart: start, count: buffer.count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Where datagram `index` begins in `bytes`.
  package func start(of index: Int) -> Int {
    index * Self.stride
  }

  /// The bytes of datagram `index`, which may be 0.
  package func length(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe min(Int(headers[index].msg_len), Self.slotBytes)
  }

  /// The bytes of each datagram but the last in slot `index`, where several of one sender were
  /// handed over in one piece; else all its bytes, at least 1.
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

  /// Whether the kernel cut datagram `index` short, for it did not fit the slot.
  package func isTruncated(_ index: Int) -> Bool {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe headers[index].msg_hdr.msg_flags & Int32(MSG_TRUNC) != 0
  }

  /// Who sent datagram `index`. IPv4 senders to a dual-stack socket show as IPv4.
  package func sender(of index: Int) -> SocketAddress {
    precondition(index >= 0 && index < count, "no such datagram")
    return unsafe SocketAddress(senders[index])?.unmapped ?? .any4(port: 0)
  }

  /// Sends something back to where datagram `index` came from, by the socket that received it, which must
  /// still be open.
  ///
  /// - Returns: Whether the kernel took it; it does not wait for room.
  package func answer(_ index: Int, with answer: Span<UInt8>) -> Bool {
    precondition(index >= 0 && index < count, "no such datagram")
    let header = unsafe headers[index].msg_hdr
    guard let sender = unsafe header.msg_name else { return false }
    // Safety: the kernel has put the sender's address there, of as many bytes as `msg_namelen` says.
    let address = unsafe sender.assumingMemoryBound(to: sockaddr.self)
    let sent = unsafe answer.withUnsafeBytes { bytes in
      unsafe sendto(
        receivedBy, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), address,
        header.msg_namelen)
    }
    return sent == answer.count
  }

  /// The datagram in whose slot an offset of `bytes` lies.
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

  package func source(of index: Int) -> MessageSource { .address(sender(of: index)) }

  package func message(containing offset: Int) -> Int { slot(containing: offset) }
}
