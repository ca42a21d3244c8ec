import WeirBytes

/// What pushing to CloudWatch has done so far. Updated by the pusher, read by scrapes.
final class CloudWatchMeter: Sendable {
  /// Why a request, or a whole push, had no success.
  enum Fault: String, CaseIterable, Sendable {
    /// There are none, or they are not accepted.
    case credentials
    /// It will never be taken.
    case refused
    /// It was not taken: too many requests, or an error of the server.
    case unavailable
    /// There was no answer.
    case unreachable
  }

  struct Reading: Sendable, Equatable {
    /// Requests that were answered.
    var requests = 0
    /// Metrics in these requests.
    var metrics = 0
    var faults: [Fault: Int] = [:]
    /// Requests without an answer that may have arrived, so that they may count twice.
    var uncertain = 0
    /// Metrics that were given up.
    var metricsDropped = 0
    /// As of the last round.
    var metricsInUse = 0
    var metricsOverLimit = 0
    /// Whether the last round, or an earlier one, failed, and no round had success since.
    var isFailing = false
    /// The wall clock of the last answer in seconds; 0 before the first.
    var lastSuccessSeconds = 0.0
  }

  private let state = Locked(Reading())

  var reading: Reading { state.withLock { $0 } }

  func update(_ body: (inout Reading) -> Void) { state.withLock { body(&$0) } }

  func count(_ fault: Fault) { update { $0.faults[fault, default: 0] += 1 } }
}
