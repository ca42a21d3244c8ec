import WeirSecurity

extension HTTPServer {
  /// Goes on with a connection's TLS handshake, and with its first request after it.
  func shakeHands(_ connection: HTTPConnection) {
    switch connection.transport.handshake() {
    case .wantsToRead:
      connection.writable.disarm()
      connection.readable.arm()
    case .wantsToWrite:
      connection.readable.disarm()
      connection.writable.arm()
    case .done:
      counters.update { $0.handshakesDone += 1 }
      connection.state = .reading
      connection.requestSince = nil
      connection.waitingSince = now
      connection.writable.disarm()
      connection.readable.arm()
      // What came with the last of the handshake may wait inside already.
      receive(connection)
    case .failed(let failure):
      counters.update { $0.handshakesFailed[failure.reason, default: 0] += 1 }
      guard failure == .plainHTTP else { return close(connection) }
      connection.writable.disarm()
      connection.transport.becomePlain()
      reject(
        HTTPRejection("this port speaks HTTPS, not plain HTTP; use https:// in the address"),
        on: connection)
    }
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
