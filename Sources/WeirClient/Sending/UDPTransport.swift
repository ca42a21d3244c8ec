import Glibc
import WeirSockets

/// Sends frames to a host and port. It resolves the host and opens a new socket once a minute.
///
/// The address of a name can change, and UDP does not report that. A new socket also has a new
/// port. With a fixed port, connection tracking (as in Kubernetes) would keep forwarding datagrams
/// to a replaced server, because each datagram renews its entry.
final class UDPTransport: FrameTransport {
  typealias Resolve = (String) -> SocketAddress?

  /// Seconds that an address and a socket are used.
  static let addressSeconds: UInt64 = 60
  /// Seconds to wait after a failed look-up.
  static let retrySeconds: UInt64 = 5
  /// Frames that are sent without a pause. More could overflow a receive buffer of the default size
  /// before a busy server reads it.
  static let burstFrames = 32
  /// The pause after such a burst.
  static let burstPauseMicroseconds: UInt32 = 1_000
  /// Room for an answer, which has at most 46 bytes.
  static let answerBytesMax = 64

  private let server: String
  private let clock: ClientClock
  private let working: WorkingTime
  private let resolve: Resolve
  private var sender: UDPSender?
  private var lookUpAtNanoseconds: UInt64 = 0
  private var burst = 0
  private var burstEndNanoseconds: UInt64 = 0

  init(
    server: String, clock: ClientClock, working: WorkingTime,
    resolve: @escaping Resolve = { try? ListenAddress.resolve($0).first }
  ) {
    self.server = server
    self.clock = clock
    self.working = working
    self.resolve = resolve
  }

  func send(_ frame: [UInt8]) -> Bool {
    let now = clock.nanoseconds()
    lookUp(at: now)
    guard sender != nil else { return false }
    pace(at: now)
    // The first error may concern an earlier frame; this frame was not sent then, so try again.
    return trySend(frame) || trySend(frame)
  }

  func receive(withinMilliseconds: Int) -> [UInt8]? {
    guard sender != nil else {
      _ = working.resting { usleep(UInt32(clamping: withinMilliseconds) &* 1_000) }
      return nil
    }
    if let answer = takeAnswer() { return answer }
    working.resting { sender?.waitReadable(milliseconds: Int32(clamping: withinMilliseconds)) }
    return takeAnswer()
  }

  private func trySend(_ frame: [UInt8]) -> Bool {
    do throws(SystemError) {
      try sender?.send(frame.span)
      return true
    } catch {
      return false
    }
  }

  private func takeAnswer() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: UDPTransport.answerBytesMax)
    var span = buffer.mutableSpan
    guard let count = try? sender?.receive(into: &span) else { return nil }
    return Array(buffer[..<count])
  }

  /// Resolves the address and opens a socket, if there is none or the old one has expired.
  private func lookUp(at now: UInt64) {
    guard now >= lookUpAtNanoseconds else { return }
    // Resting, because a resolver can take seconds.
    let found = working.resting { resolve(server) }
    // A look-up can fail temporarily, so the last known address is kept.
    if let peer = found ?? sender?.peer, let fresh = try? UDPSender.connect(to: peer) {
      sender = consume fresh
    }
    let seconds = found == nil ? UDPTransport.retrySeconds : UDPTransport.addressSeconds
    lookUpAtNanoseconds = now + seconds * 1_000_000_000
  }

  /// Pauses after each burst.
  private func pace(at now: UInt64) {
    if now >= burstEndNanoseconds { burst = 0 }
    burst += 1
    if burst > UDPTransport.burstFrames {
      usleep(UDPTransport.burstPauseMicroseconds)
      burst = 1
    }
    burstEndNanoseconds = now + UInt64(UDPTransport.burstPauseMicroseconds) * 1_000
  }
}
