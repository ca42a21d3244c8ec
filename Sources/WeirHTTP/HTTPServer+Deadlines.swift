import Dispatch

extension HTTPServer {
  /// Checks the deadlines of all connections periodically, while there are any.
  ///
  /// One pass over a few hundred connections costs less than a timer for each.
  func scheduleSweep() {
    guard !isSweeping else { return }
    isSweeping = true
    queue.asyncAfter(deadline: .now() + limits.sweepSeconds) {
      self.assumeIsolated { server in
        server.isSweeping = false
        server.sweep(at: server.now)
        if !server.connections.isEmpty { server.scheduleSweep() }
      }
    }
  }

  private func sweep(at now: DispatchTime) {
    func isOver(_ since: DispatchTime, after seconds: Double) -> Bool {
      now > since && now.seconds(since: since) >= seconds
    }
    for connection in connections.values {
      switch connection.state {
      case .handshaking:
        if isOver(connection.waitingSince, after: limits.headReadSecondsMax) {
          counters.update { $0.handshakesFailed[.timeout, default: 0] += 1 }
          close(connection)
        }
      case .reading:
        if let body = connection.incoming, body.isKept {
          if isOver(body.since, after: limits.bodyReadSecondsMax) {
            reject(
              HTTPRejection(
                408,
                "the request body did not arrive within \(limits.bodyReadSecondsMax) seconds; "
                  + "try again"),
              on: connection)
          }
        } else if let since = connection.requestSince {
          if isOver(since, after: limits.headReadSecondsMax) {
            reject(
              HTTPRejection(
                408,
                "the request did not arrive within \(limits.headReadSecondsMax) seconds; "
                  + "try again"),
              on: connection)
          }
        } else if isOver(connection.waitingSince, after: limits.idleSecondsMax) {
          close(connection)
        }
      case .writing:
        if connection.isUnread && isOver(connection.progressAt, after: limits.writeStallSecondsMax)
          || isOver(
            connection.stateSince, after: connection.output?.secondsMax ?? limits.responseSecondsMax
          )
        {
          close(connection)
        }
      case .lingering:
        if isOver(connection.stateSince, after: limits.lingerSecondsMax) { close(connection) }
      case .checkingPassword:
        if isOver(connection.stateSince, after: limits.responseSecondsMax) { close(connection) }
      case .handling, .closed: break
      }
    }
  }
}

extension DispatchTime {
  /// Seconds since an earlier time; 0 for a later one.
  func seconds(since earlier: DispatchTime) -> Double {
    guard self > earlier else { return 0 }
    return Double(uptimeNanoseconds - earlier.uptimeNanoseconds) / 1e9
  }
}
