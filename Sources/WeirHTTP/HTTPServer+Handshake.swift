import Dispatch
import WeirSecurity
import WeirSockets

/// TLS handshakes run on a thread of their own, one step at a time, because their signatures and
/// key exchanges are expensive and any client can request them.
///
/// ```
///  server's queue                                            handshakeThread
///
///  socket is readable ─▶ awaitHandshake ─▶ HandshakeQueue
///                                                │ startNextHandshakeStep
///                                                └──────────▶ TLSSession.handshake
///  handshakeStepFinished ◀───────────────────────────────────────────┘
///      │
///      ├─ done ────────────▶ reading
///      ├─ needs more bytes ─▶ wait until the socket is readable or writable
///      └─ failed ──────────▶ closed
/// ```
extension HTTPServer {
  /// One step runs, and one is queued so that the thread does not idle in between.
  static var handshakeStepsRunningMax: Int { 2 }

  /// Queues a connection for the next step of its handshake.
  func awaitHandshake(_ connection: HTTPConnection) {
    connection.readable.disarm()
    connection.writable.disarm()
    guard !connection.isHandshakeStepRunning, let session = connection.transport.session else {
      return
    }
    // Do not spend a step on a client that has disconnected.
    guard !connection.transport.isAtEnd() else { return failHandshake(of: connection, .other) }
    let surplus = handshakes.add(
      connection.id, of: connection.network, isStarted: session.hasAnsweredHello)
    if let surplus, let oldest = connections[surplus] {
      counters.update { $0.handshakesFailed[.tooManyWaiting, default: 0] += 1 }
      close(oldest)
    }
    startNextHandshakeStep()
  }

  private func startNextHandshakeStep() {
    guard handshakeStepsRunning < HTTPServer.handshakeStepsRunningMax,
      let id = handshakes.next(isKnown: { knownNetworks.contains($0) }),
      let connection = connections[id], let session = connection.transport.session
    else { return }
    handshakeStepsRunning += 1
    connection.isHandshakeStepRunning = true
    connection.descriptorUsers += 1
    handshakeThread.async {
      let outcome = session.handshake()
      self.queue.async { self.assumeIsolated { $0.handshakeStepFinished(of: id, outcome) } }
    }
  }

  private func handshakeStepFinished(of id: HTTPConnection.ID, _ outcome: TLSSession.Outcome) {
    handshakeStepsRunning -= 1
    if let connection = connections[id] {
      connection.isHandshakeStepRunning = false
      connection.descriptorUsers -= 1
      continueHandshake(of: connection, after: outcome)
    } else {
      // The connection was closed during the step.
      releaseDescriptor(of: id)
    }
    startNextHandshakeStep()
  }

  private func continueHandshake(
    of connection: HTTPConnection, after outcome: TLSSession.Outcome
  ) {
    switch outcome {
    case .wantsToRead: connection.readable.arm()
    case .wantsToWrite: connection.writable.arm()
    case .done:
      counters.update { $0.handshakesDone += 1 }
      connection.state = .reading
      connection.requestSince = nil
      connection.waitingSince = now
      connection.readable.arm()
      // The session may already hold a request that came with the last handshake message.
      receive(connection)
    case .end: failHandshake(of: connection, .other)
    case .failed(let failure): failHandshake(of: connection, failure)
    }
  }

  private func failHandshake(of connection: HTTPConnection, _ failure: TLSSession.Failure) {
    counters.update { $0.handshakesFailed[failure.reason, default: 0] += 1 }
    guard failure == .plainHTTP else { return close(connection) }
    connection.transport.dropTLS()
    reject(
      HTTPRejection("this port speaks HTTPS, not plain HTTP; use https:// in the address"),
      on: connection)
  }
}

extension TLSSession.Failure {
  fileprivate var reason: HandshakeFailure {
    switch self {
    case .plainHTTP: .plainHTTP
    case .certificate: .certificate
    case .noCommonVersionOrSuite: .noCommonVersionOrSuite
    case .other: .other
    }
  }
}
