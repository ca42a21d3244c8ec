import Glibc
import WeirSockets

/// Sends frames to a host and port, whose address is looked up now and then.
final class UDPTransport: FrameTransport {
  /// How long an address holds; a name may move, and UDP doesn't tell.
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
  private var sender: UDPSender?
  private var lookUpAtNanoseconds: UInt64 = 0
  private var burst = 0
  private var burstEndNanoseconds: UInt64 = 0

  init(server: String, clock: ClientClock, working: WorkingTime) {
    self.server = server
    self.clock = clock
    self.working = working
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

  /// Finds out the address where it is not known, or has been known for long.
  private func lookUp(at now: UInt64) {
    guard now >= lookUpAtNanoseconds else { return }
    // A resolver that gets no answer takes seconds.
    let found = working.resting { try? ListenAddress.resolve(server).first }
    if let found, found != sender?.peer { sender = try? UDPSender.connect(to: found) }
    // A name that is not known any more may be so for a moment; the address that it had stays.
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
