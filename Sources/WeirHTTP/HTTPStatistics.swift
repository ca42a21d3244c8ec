import WeirBytes

/// What the server has done so far.
package struct HTTPStatistics: Sendable, Equatable {
  /// Connections open now.
  package var connectionsOpen = 0
  /// Connections that may be open at once.
  package var connectionsMax = 0
  /// Connections accepted since the start, with those refused.
  package var connectionsAccepted: UInt64 = 0
  /// Connections closed at once, for all others were busy.
  package var connectionsRefused: UInt64 = 0
  /// Connections closed while they waited, to make room for a new one.
  package var connectionsEvicted: UInt64 = 0
  /// Calls to accept that failed, such as for want of descriptors.
  package var acceptsFailed: UInt64 = 0
  /// Responses closed before their end, for the client left or was too slow.
  package var responsesAbandoned: UInt64 = 0
  /// TLS handshakes that came to their end.
  package var handshakesDone: UInt64 = 0
  /// TLS handshakes that did not, by reason.
  package var handshakesFailed: [HandshakeFailure: UInt64] = [:]
  /// Requests answered, by status, those that were not understood as well.
  package var requestsByStatus: [Int: UInt64] = [:]
}

/// Why a TLS handshake came to nothing.
package enum HandshakeFailure: String, CaseIterable, Sendable {
  /// The client speaks plain HTTP.
  case plainHTTP = "plain_http"
  /// The client's certificate is missing or not one that is let in.
  case certificate = "client_certificate"
  /// No version or cipher suite in common.
  case noCommonGround = "no_common_version_or_suite"
  /// It took longer than a request's head may.
  case timeout = "timeout"
  /// Too many of the same network waited for the server.
  case crowded = "too_many_waiting"
  /// The client left, or sent what is no TLS.
  case other = "other"
}

/// The statistics, for any thread to read.
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
