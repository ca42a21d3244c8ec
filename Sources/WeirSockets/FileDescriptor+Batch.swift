// Safety: the headers and vectors are temporary memory of this call, and each vector points into the span, which
// is borrowed for the call. Every range is compared with the span's size. poll gets a local entry.

import CLinux
import Glibc

extension UDPSender {
  /// The most datagrams of one system call.
  package static let batchMax = 64

  /// The socket's number, for a Dispatch source. The sender must outlive the source.
  package var rawDescriptor: Int32 { descriptor.raw }

  /// Sends datagrams in one system call, without waiting.
  ///
  /// - Parameter ranges: Where each is in `bytes`; at most `batchMax`.
  /// - Returns: How many the kernel accepted, from the first on; 0 if its buffer is full.
  /// - Throws: `SystemError` as for `send`.
  package borrowing func send(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>
  ) throws(SystemError) -> Int {
    try descriptor.send(bytes, ranges)
  }

  /// Waits until the kernel's buffer has room, or until the timeout.
  package borrowing func waitWritable(milliseconds: Int32) {
    descriptor.waitWritable(milliseconds: milliseconds)
  }
}

extension FileDescriptor {
  /// Sends datagrams of a connected socket in one system call, without waiting.
  ///
  /// - Returns: How many the kernel accepted, from the first on; 0 if there is no room.
  borrowing func send(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>
  ) throws(SystemError) -> Int {
    precondition(ranges.count <= UDPSender.batchMax)
    precondition(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= bytes.count })
    guard !ranges.isEmpty, !bytes.isEmpty else { return 0 }
    var failure: SystemError?
    let sent = unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: ranges.count) {
      vectors in
      unsafe withUnsafeTemporaryAllocation(of: weir_mmsghdr.self, capacity: ranges.count) {
        headers in
        unsafe bytes.withUnsafeBytes { bytes in
          for (index, range) in ranges.enumerated() {
            unsafe (vectors.baseAddress! + index).initialize(
              to: iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + range.lowerBound),
                iov_len: range.count))
            var header = unsafe weir_mmsghdr()
            unsafe header.msg_hdr.msg_iov = vectors.baseAddress! + index
            unsafe header.msg_hdr.msg_iovlen = 1
            unsafe (headers.baseAddress! + index).initialize(to: header)
          }
          while true {
            let sent = unsafe sendmmsg(
              raw, headers.baseAddress, UInt32(ranges.count),
              Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if sent >= 0 { return Int(sent) }
            if errno == EINTR { continue }
            if errno != EAGAIN { failure = .last(.send) }
            return 0
          }
        }
      }
    }
    if let failure { throw failure }
    return sent
  }

  borrowing func waitWritable(milliseconds: Int32) {
    var entry = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&entry, 1, milliseconds)
  }
}
