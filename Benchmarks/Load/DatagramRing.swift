// Safety: the three buffers are allocated once, filled before `init` returns, never grown, and
// freed by `deinit`; the ring is not copyable, so that this happens once. Every message points to
// its own vector and every vector into `bytes`, all inside these buffers. `send` passes a range
// that a precondition has checked; the kernel reads the bytes and writes only `msg_len`.
import BenchmarkPayload
import CLinux
import Glibc

/// What one call of `sendmmsg` did.
enum SendOutcome: Equatable {
  /// So many datagrams are on their way.
  case sent(Int)
  /// The socket's buffer or the device's queue is full; nothing was sent.
  case full
  /// The kernel reports that an earlier datagram found nobody listening; nothing was sent.
  case refused
}

/// A payload's datagrams as `sendmmsg` wants them: prepared once, sent from any position.
@safe struct DatagramRing: ~Copyable {
  /// The kernel takes 1,024 at once; fewer keep the pace finer.
  static let batchMax = 64

  let count: Int
  private let bytes: UnsafeMutablePointer<UInt8>
  private let vectors: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<weir_mmsghdr>

  /// - Complexity: O(bytes of the payload), plus 80 bytes a datagram.
  init(_ payload: Payload) {
    count = payload.count
    unsafe bytes = .allocate(capacity: payload.bytes.count)
    unsafe vectors = .allocate(capacity: count)
    unsafe messages = .allocate(capacity: count)
    for index in payload.bytes.indices {
      unsafe (bytes + index).initialize(to: payload.bytes[index])
    }
    for index in 0..<count {
      let start = payload.datagramStarts[index]
      let length = payload.datagramStarts[index + 1] - start
      unsafe (vectors + index).initialize(to: iovec(iov_base: bytes + start, iov_len: length))
      var message = unsafe weir_mmsghdr()
      unsafe message.msg_hdr.msg_iov = unsafe vectors + index
      unsafe message.msg_hdr.msg_iovlen = 1
      unsafe (messages + index).initialize(to: message)
    }
  }

  deinit {
    unsafe messages.deallocate()
    unsafe vectors.deallocate()
    unsafe bytes.deallocate()
  }

  /// Sends up to `limit` datagrams from `position` on, without waiting.
  ///
  /// Throws `SystemError` for what no retry mends, such as a datagram larger than the path takes.
  func send(
    from position: Int, limit: Int, on socket: borrowing Socket
  ) throws(SystemError) -> SendOutcome {
    let batch = min(limit, count - position, Self.batchMax)
    precondition(position >= 0 && batch > 0)
    let sent = unsafe sendmmsg(
      socket.descriptor, messages + position, UInt32(batch), Int32(MSG_DONTWAIT))
    if sent >= 0 { return .sent(Int(sent)) }
    switch errno {
    case EAGAIN, ENOBUFS, EINTR: return .full
    case ECONNREFUSED: return .refused
    default: throw SystemError("Cannot send", errno: errno)
    }
  }
}
