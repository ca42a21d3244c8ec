import WeirBytes

/// The server's counters since its start.
package struct HTTPStatistics: Sendable, Equatable {
  /// Connections open now.
  package var connectionsOpen = 0
  /// The limit on open connections.
  package var connectionsMax = 0
  /// Connections accepted since the start, including refused ones.
  package var connectionsAccepted: UInt64 = 0
  /// Connections closed immediately because all others were busy.
  package var connectionsRefused: UInt64 = 0
  /// Idle connections closed to make room for new ones.
  package var connectionsEvicted: UInt64 = 0
  /// Calls to accept that failed, for example because no descriptor was left.
  package var acceptsFailed: UInt64 = 0
  /// Responses that were not sent completely because the client disconnected or was too slow.
  package var responsesAbandoned: UInt64 = 0
  /// Completed TLS handshakes.
  package var handshakesDone: UInt64 = 0
  /// Failed TLS handshakes by reason.
  package var handshakesFailed: [HandshakeFailure: UInt64] = [:]
  /// Responses by status, including those to malformed requests.
  package var requestsByStatus: [Int: UInt64] = [:]
}

/// Why a TLS handshake failed. The raw value is the `reason` label of the metric.
package enum HandshakeFailure: String, CaseIterable, Sendable {
  /// The client speaks plain HTTP.
  case plainHTTP = "plain_http"
  /// The client's certificate is missing, invalid or not allowed.
  case certificate = "client_certificate"
  /// Client and server share no protocol version or no cipher suite.
  case noCommonVersionOrSuite = "no_common_version_or_suite"
  /// It took longer than `HTTPLimits.headReadSecondsMax`.
  case timeout = "timeout"
  /// Too many connections of the same network waited for their handshake.
  case tooManyWaiting = "too_many_waiting"
  /// The client disconnected, or does not speak TLS.
  case other = "other"
}

/// The statistics, shared between threads.
package final class HTTPCounters: Sendable {
  private let statistics = Locked(HTTPStatistics())

  package init() {}

  func update(_ change: (inout HTTPStatistics) -> Void) {
    statistics.withLock { change(&$0) }
  }

  package func read() -> HTTPStatistics {
    statistics.withLock { $0 }
  }
}
