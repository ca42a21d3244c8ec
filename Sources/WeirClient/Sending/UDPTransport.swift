import Glibc
import WeirSockets

/// Sends frames to a host and port. Now and then it looks their address up and opens its socket anew.
///
/// A name may move, and UDP doesn't tell. And a socket that sends from the same port for as long as it
/// lives is known on the way by that port: where a machine that tracks connections has one for it which
/// leads nowhere any more, as after a Weir in Kubernetes was replaced, each datagram renews it.
final class UDPTransport: FrameTransport {
  typealias Resolve = (String) -> SocketAddress?

  /// How long an address and a socket hold.
  static let addressSeconds: UInt64 = 60
  /// How long after a failed look-up none is tried.
  static let retrySeconds: UInt64 = 5
  /// Frames that go out at once. More would fill a receive buffer of the system's default size
  /// before a busy server comes to it.
  static let burstFrames = 32
  /// The pause behind such a burst.
  static let burstPauseMicroseconds: UInt32 = 1_000
  /// An answer has 46 bytes at most.
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
    // What the first try reports may be the fate of an earlier frame, and this one not sent.
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

  /// Finds out the address and opens a socket where there is none, or both have been there for long.
  private func lookUp(at now: UInt64) {
    guard now >= lookUpAtNanoseconds else { return }
    // A resolver that gets no answer takes seconds.
    let found = working.resting { resolve(server) }
    // A name that is not known any more may be so for a moment; the address that it had stays.
    if let peer = found ?? sender?.peer, let fresh = try? UDPSender.connect(to: peer) {
      sender = consume fresh
    }
    let seconds = found == nil ? UDPTransport.retrySeconds : UDPTransport.addressSeconds
    lookUpAtNanoseconds = now + seconds * 1_000_000_000
  }

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
