// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import Glibc
import WeirForwarding
import WeirSockets

/// Sends frames by UDP, and receives the answers on the same socket.
///
/// The host is resolved again each `addressSeconds`, and when sending fails. Each time a new socket is opened, with
/// another port, because connection tracking would keep forwarding an old port to a server that was replaced.
actor UDPNextHop: NextHop {
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.forward.udp")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  typealias Resolve = @Sendable (String) -> SocketAddress?

  static let addressSeconds = 30
  /// Seconds after a failed look-up or a failed sending before the next attempt.
  static let retrySeconds = 2
  /// The pause after each batch of `UDPSender.batchMax` frames, so that the receive buffer of a busy Weir takes
  /// a large round.
  static let pauseMicroseconds: UInt32 = 500
  /// How long the kernel's buffer may stay full before frames are given up.
  static let fullMilliseconds: Int32 = 20
  /// Room for an answer, which has at most 46 bytes.
  static let answerBytesMax = 64
  /// Answers that are taken in one turn.
  static let answersMax = 4_096

  private let server: String
  private let resolve: Resolve
  private let desk: ForwardDesk
  private let log: Log
  private var connection: Connection?
  private var lookUpAt = ContinuousClock.now
  private var isFailing = false
  private var buffer = [UInt8](repeating: 0, count: UDPNextHop.answerBytesMax)

  init(
    server: String, desk: ForwardDesk, log: Log,
    resolve: @escaping Resolve = { try? ListenAddress.resolve($0).first }
  ) {
    self.server = server
    self.desk = desk
    self.log = log
    self.resolve = resolve
  }

  func send(_ batch: FrameBatch) async -> Int {
    lookUp()
    let ranges = (0..<batch.count).map { batch.range(of: $0) }
    var next = 0
    var sent = 0
    var attempts = 0
    while next < ranges.count, connection != nil {
      let some = ranges[next..<min(next + UDPSender.batchMax, ranges.count)]
      do throws(SystemError) {
        let accepted = try connection?.sender.send(batch.bytes.span, some) ?? 0
        sent += accepted
        next += accepted
        attempts = accepted > 0 ? 0 : attempts + 1
        isFailing = false
        if accepted == 0 {
          connection?.sender.waitWritable(milliseconds: UDPNextHop.fullMilliseconds)
        }
        if next < ranges.count { usleep(UDPNextHop.pauseMicroseconds) }
      } catch {
        // The first error may concern an earlier frame; this one was not sent then.
        attempts += 1
        if attempts > 1, error.code == EMSGSIZE {
          // The kernel never takes this frame. The caller counts it as not sent.
          next += 1
          attempts = 0
        } else if attempts > 1 {
          failed(error)
        }
      }
      takeAnswers()
      if attempts > 2 { break }
    }
    return sent
  }

  func stop() {
    connection?.source.cancel()
    connection = nil
    lookUpAt = .now + .seconds(3_600)
  }

  /// Resolves the address and opens a socket, if there is none or the old one has expired.
  private func lookUp() {
    let now = ContinuousClock.now
    guard now >= lookUpAt else { return }
    let found = resolve(server)
    if found == nil, !isFailing {
      isFailing = true
      log.warn("the next hop has no address; trying again", ["address": .text(server)])
    }
    // A look-up can fail for a while, so the last known address is kept.
    if let peer = found ?? connection?.sender.peer { connect(to: peer) }
    let seconds = found == nil ? UDPNextHop.retrySeconds : UDPNextHop.addressSeconds
    lookUpAt = now + .seconds(seconds)
  }

  private func connect(to peer: SocketAddress) {
    takeAnswers()
    guard let sender = try? UDPSender.connect(to: peer) else { return }
    connection?.source.cancel()
    let fresh = Connection(sender, queue: executor.queue)
    fresh.source.setEventHandler { [weak self] in self?.assumeIsolated { $0.takeAnswers() } }
    // It keeps the socket until the source is done with it.
    fresh.source.setCancelHandler { withExtendedLifetime(fresh) {} }
    fresh.source.resume()
    connection = fresh
  }

  private func failed(_ error: SystemError) {
    if !isFailing {
      isFailing = true
      log.warn(
        "forwarding failed; trying again",
        ["address": .text(server), "error": .text("\(error)")])
    }
    lookUpAt = min(lookUpAt, .now + .seconds(UDPNextHop.retrySeconds))
  }

  private func takeAnswers() {
    guard let connection else { return }
    var answers: [[UInt8]] = []
    while answers.count < UDPNextHop.answersMax {
      var span = buffer.mutableSpan
      // An error concerns a frame that was sent before.
      guard let count = try? connection.sender.receive(into: &span) else { break }
      answers.append(Array(buffer[..<count]))
    }
    if !answers.isEmpty { desk.hear(answers) }
  }
}

/// A socket with its source.
private final class Connection {
  let sender: UDPSender
  let source: any DispatchSourceRead

  init(_ sender: consuming UDPSender, queue: DispatchQueue) {
    source = DispatchSource.makeReadSource(fileDescriptor: sender.rawDescriptor, queue: queue)
    self.sender = sender
  }
}
