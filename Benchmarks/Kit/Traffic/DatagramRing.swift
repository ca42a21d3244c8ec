// Safety: the three buffers are allocated once, filled before `init` returns, never grown, and
// freed by `deinit`; the ring is not copyable, so that this happens once. Every message points to
// its own vector and every vector into `bytes`, all inside these buffers. `send` passes a range
// that a precondition has checked; the kernel reads the bytes and writes only `msg_len`.
import CLinux
import Glibc

/// What one call of `sendmmsg` did.
package enum SendOutcome: Equatable {
  /// How many messages were sent, and how many datagrams they had.
  case sent(messages: Int, datagrams: Int)
  /// The socket's buffer or the device's queue is full; nothing was sent.
  case full
  /// The kernel reports that nobody listened when an earlier datagram arrived; nothing was sent.
  case refused
}

/// A payload's datagrams in the form that `sendmmsg` takes: prepared once, sent from any position.
///
/// A *message* is what the kernel is given at once: one datagram, or several of one length that it
/// splits itself.
@safe package struct DatagramRing: ~Copyable {
  /// The kernel takes 1,024 at once; fewer keep the pace more even.
  static let batchMessagesMax = 64
  /// The kernel splits a message into this many at most (UDP_MAX_SEGMENTS).
  package static let segmentsMax = 64

  /// Messages of one round of the payload.
  package let count: Int
  /// Datagrams of one round.
  private let datagrams: Int
  /// Datagrams of every message but the round's last, which has the rest.
  private let segments: Int
  private let segmentBytes: Int
  private let bytes: UnsafeMutablePointer<UInt8>
  private let vectors: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<weir_mmsghdr>

  /// Throws `UsageError` where that many datagrams do not fit into one message.
  /// - Precondition: for more than one segment, all datagrams of the payload have one length.
  /// - Complexity: O(bytes of the payload), plus 80 bytes a message.
  package init(_ payload: Payload, segments: Int = 1) throws(UsageError) {
    let segmentBytes = payload.datagramStarts[1]
    let fitting = min(Self.segmentsMax, Payload.datagramBytesMax / segmentBytes)
    guard segments == 1 || segments <= fitting else {
      throw UsageError(
        sentence: "\(segments) datagrams of \(segmentBytes) bytes do not fit into one buffer; "
          + "give --segments=\(fitting) or less.")
    }
    self.segments = segments
    self.segmentBytes = segmentBytes
    datagrams = payload.count
    count = (payload.count + segments - 1) / segments
    unsafe bytes = .allocate(capacity: payload.bytes.count)
    unsafe vectors = .allocate(capacity: count)
    unsafe messages = .allocate(capacity: count)
    for index in payload.bytes.indices {
      unsafe (bytes + index).initialize(to: payload.bytes[index])
    }
    for index in 0..<count {
      let start = payload.datagramStarts[index * segments]
      let end = payload.datagramStarts[min((index + 1) * segments, payload.count)]
      precondition(segments == 1 || end % segmentBytes == 0, "datagrams of several lengths")
      unsafe (vectors + index).initialize(to: iovec(iov_base: bytes + start, iov_len: end - start))
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

  /// A socket that sends to `endpoint`, and splits messages of several datagrams.
  ///
  /// Throws `RunError`, also for an address that is not loopback where only that is allowed.
  package func connect(to endpoint: Endpoint, loopbackOnly: Bool) throws(RunError) -> Socket {
    let socket = try Socket.connect(.udp, to: endpoint, loopbackOnly: loopbackOnly)
    if segments > 1 { try socket.segmentSends(intoBytes: segmentBytes) }
    return socket
  }

  /// Sends messages from `position` on, without waiting, until `limit` datagrams were sent.
  ///
  /// A message is sent whole, so it may be a few more; at the end of a batch or a round, fewer.
  /// Throws `RunError` where a retry does not help, such as for a datagram that is too large.
  package func send(
    from position: Int, limit: Int, on socket: borrowing Socket
  ) throws(RunError) -> SendOutcome {
    let needed = limit / segments + (limit % segments == 0 ? 0 : 1)
    let batch = min(needed, count - position, Self.batchMessagesMax)
    precondition(position >= 0 && batch > 0)
    let sent = unsafe sendmmsg(
      socket.descriptor, messages + position, UInt32(batch), Int32(MSG_DONTWAIT))
    if sent >= 0 {
      let end = min((position + Int(sent)) * segments, datagrams)
      return .sent(messages: Int(sent), datagrams: end - position * segments)
    }
    switch errno {
    case EAGAIN, ENOBUFS, EINTR: return .full
    case ECONNREFUSED: return .refused
    default: throw RunError("Cannot send", errno: errno)
    }
  }
}
