import Dispatch

extension HTTPServer {
  /// Looks at all clocks after a while, for as long as there are connections.
  ///
  /// One look at a few hundred connections costs less than a timer for each.
  func sweepLater() {
    guard !isSweeping else { return }
    isSweeping = true
    queue.asyncAfter(deadline: .now() + limits.sweepSeconds) {
      self.assumeIsolated { server in
        server.isSweeping = false
        server.sweep(at: server.now)
        if !server.connections.isEmpty { server.sweepLater() }
      }
    }
  }

  private func sweep(at now: UInt64) {
    func isOver(_ since: UInt64, _ seconds: Double) -> Bool {
      now > since && Double(now - since) >= seconds * 1e9
    }
    for connection in connections.values {
      switch connection.state {
      case .handshaking:
        if isOver(connection.waitingSince, limits.headReadSecondsMax) {
          counters.update { $0.handshakesFailed[.timeout, default: 0] += 1 }
          close(connection)
        }
      case .reading:
        if let body = connection.incoming, body.isKept {
          if isOver(body.since, limits.bodyReadSecondsMax) {
            reject(
              HTTPRejection(
                408,
                "the request body took longer than \(limits.bodyReadSecondsMax) seconds to come"),
              on: connection)
          }
        } else if let since = connection.requestSince {
          if isOver(since, limits.headReadSecondsMax) {
            reject(
              HTTPRejection(
                408, "the request took longer than \(limits.headReadSecondsMax) seconds to come"),
              on: connection)
          }
        } else if isOver(connection.waitingSince, limits.idleSecondsMax) {
          close(connection)
        }
      case .writing:
        if connection.isUnread && isOver(connection.progressAt, limits.writeStallSecondsMax)
          || isOver(connection.stateSince, limits.responseSecondsMax)
        {
          close(connection)
        }
      case .lingering:
        if isOver(connection.stateSince, limits.lingerSecondsMax) { close(connection) }
      case .admitting:
        if isOver(connection.stateSince, limits.responseSecondsMax) { close(connection) }
      case .handling, .closed: break
      }
    }
  }
}
