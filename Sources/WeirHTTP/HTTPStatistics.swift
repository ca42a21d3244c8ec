import WeirConcurrency

/// What the server has done so far.
package struct HTTPStatistics: Sendable, Equatable {
  /// Connections open now.
  package var connectionsOpen = 0
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
  /// Requests answered, by status, those that were not understood as well.
  package var requestsByStatus: [Int: UInt64] = [:]
}

/// The statistics, for any thread to read.
package final class HTTPCounters: Sendable {
  private let statistics = Guarded(HTTPStatistics())

  package init() {}

  func update(_ change: (inout HTTPStatistics) -> Void) {
    statistics.withLock { change(&$0) }
  }

  package func read() -> HTTPStatistics {
    statistics.withLock { $0 }
  }
}
