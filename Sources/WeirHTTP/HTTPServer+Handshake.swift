import Dispatch
import WeirSecurity

/// TLS handshakes are made on a thread of their own, one step at a time, because their signatures and key
/// exchanges take long and anybody may ask for them:
///
/// ```
/// readable ─▶ awaitHandshake ─▶ HandshakeQueue ─▶ handshakeThread ─▶ shook ─▶ reading, or readable again
/// ```
extension HTTPServer {
  /// One is made, and one is ready for when it is done.
  static var handshakesHandedOverMax: Int { 2 }

  /// Has a connection wait for the next step of its handshake.
  func awaitHandshake(_ connection: HTTPConnection) {
    connection.readable.disarm()
    connection.writable.disarm()
    guard !connection.isShaking, let session = connection.transport.session else { return }
    // A client that has left needs no other thread.
    guard !connection.transport.isAtEnd() else { return fail(connection, .other) }
    let surplus = handshakes.add(
      connection.id, of: connection.network, isBegun: session.hasAnswered)
    if let surplus, let oldest = connections[surplus] {
      counters.update { $0.handshakesFailed[.crowded, default: 0] += 1 }
      close(oldest)
    }
    shakeNext()
  }

  /// Hands over the next of those that wait, unless enough are handed over.
  private func shakeNext() {
    guard handshakesHandedOver < HTTPServer.handshakesHandedOverMax,
      let id = handshakes.next(isKnown: { knownNetworks.contains($0) }),
      let connection = connections[id], let session = connection.transport.session
    else { return }
    handshakesHandedOver += 1
    connection.isShaking = true
    connection.holders += 1
    handshakeThread.async {
      let outcome = session.handshake()
      self.queue.async { self.assumeIsolated { $0.shook(id, outcome) } }
    }
  }

  private func shook(_ id: UInt64, _ outcome: TLSSession.Outcome) {
    handshakesHandedOver -= 1
    if let connection = connections[id] {
      connection.isShaking = false
      connection.holders -= 1
      goOn(connection, after: outcome)
    } else {
      // It was closed meanwhile.
      letGo(of: id)
    }
    shakeNext()
  }

  private func goOn(_ connection: HTTPConnection, after outcome: TLSSession.Outcome) {
    switch outcome {
    case .wantsToRead: connection.readable.arm()
    case .wantsToWrite: connection.writable.arm()
    case .done:
      counters.update { $0.handshakesDone += 1 }
      connection.state = .reading
      connection.requestSince = nil
      connection.waitingSince = now
      connection.readable.arm()
      // What came with the last of the handshake may wait inside already.
      receive(connection)
    case .end: fail(connection, .other)
    case .failed(let failure): fail(connection, failure)
    }
  }

  private func fail(_ connection: HTTPConnection, _ failure: TLSSession.Failure) {
    counters.update { $0.handshakesFailed[failure.reason, default: 0] += 1 }
    guard failure == .plainHTTP else { return close(connection) }
    connection.transport.becomePlain()
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
    case .noCommonGround: .noCommonGround
    case .other: .other
    }
  }
}
