// Safety: nanosleep(2) reads a local value.

import Glibc
import WeirSockets

/// Keeps a replay from filling the receive buffer of its receiver.
///
/// After each burst it looks at the buffer of a receiver on this machine, and waits while more than a part of the
/// smallest usual buffer is used. This is so at any pace, because a receiver may stand still. The gate does not see
/// the buffer of another machine, so it makes a short pause, unless the replay has just made one.
/// `SO_SNDBUF` is not enough, because loopback takes a datagram out of the sender's buffer at once.
///
/// ```
/// burst ──▶ rest: buffer used above 96 KiB? ──▶ 0.2 ms ──▶ look again … 1 s ──▶ burst
///                 not of this machine?      ──▶ 1 ms   ──▶ burst
/// ```
struct ReplayGate {
  /// Linux has 208 KiB for a socket by default, of which a datagram takes about 500 bytes more than it has.
  static let bufferBytesMax = 96 << 10
  static let burstDatagrams = 32
  static let burstBytes = 32 << 10
  private static let lookInterval = Duration.microseconds(200)
  private static let pause = Duration.milliseconds(1)
  /// The longest wait for a receiver that reads nothing: it may be stopped, or another socket of that address.
  private static let restMax = Duration.seconds(1)

  private let isUnix: Bool
  /// Nil if the receiver is not on this machine.
  private let queue: ReceiverQueue?
  private let droppedBefore: Int
  private var datagrams = 0
  private var bytes = 0
  /// How many datagrams found the receive buffer full during the replay. Known after `finish`.
  private(set) var dropped = 0

  init(_ target: SendTarget) {
    switch target {
    case .unix:
      // The kernel keeps a sender from filling such a socket.
      (isUnix, queue) = (true, nil)
    case .udp(let text):
      isUnix = false
      queue = (try? ListenAddress.resolve(text))?.first.flatMap { ReceiverQueue(of: $0) }
    }
    droppedBefore = queue?.state()?.dropped ?? 0
  }

  /// Called after the replay has waited for the time of a datagram. This replaces the gate's own pause.
  mutating func paused(for duration: Duration) {
    if queue == nil, duration >= ReplayGate.pause { reset() }
  }

  private mutating func reset() { (datagrams, bytes) = (0, 0) }

  /// Called before each datagram.
  mutating func waitForRoom(bytes more: Int) {
    if datagrams >= ReplayGate.burstDatagrams || bytes + more > ReplayGate.burstBytes, datagrams > 0
    {
      rest()
      reset()
    }
    datagrams += 1
    bytes += more
  }

  private func rest() {
    if isUnix { return }
    guard let queue else {
      ReplayGate.sleep(ReplayGate.pause)
      return
    }
    let end = ContinuousClock.now + ReplayGate.restMax
    while let state = queue.state(), state.bytes > ReplayGate.bufferBytesMax,
      ContinuousClock.now < end, !CaptureStop.isRequested
    {
      ReplayGate.sleep(ReplayGate.lookInterval)
    }
  }

  /// Counts what was dropped.
  mutating func finish() {
    guard let state = queue?.state() else { return }
    dropped = max(0, state.dropped - droppedBefore)
  }

  /// Sleeps for a tenth of a second at most, or until a signal.
  static func sleep(_ duration: Duration) {
    let bounded = min(max(duration, .zero), .milliseconds(100))
    var time = timespec(tv_sec: 0, tv_nsec: Int(bounded / .nanoseconds(1)))
    _ = unsafe nanosleep(&time, nil)
  }
}
