import WeirBytes
import WeirMetrics
import WeirPush

/// Refused frames and records by reason. Updated by receivers, read by scrapes.
final class PushMeter: Sendable {
  struct Reading: Sendable {
    /// By `PushRefusal.rawValue`.
    var frames = [Int](repeating: 0, count: PushRefusal.allCases.count)
    /// By `RecordRefusal.rawValue`.
    var records = [Int](repeating: 0, count: RecordRefusal.allCases.count)
    /// By `Refusal.rawValue`.
    var series = [Int](repeating: 0, count: Refusal.allCases.count)
    /// Answers that frames requested, and those that the kernel did not accept for sending.
    var answers = 0
    var answersLost = 0
  }

  private let state = Locked(Reading())

  var reading: Reading { state.withLock { $0 } }

  func add(_ refusal: PushRefusal) {
    state.withLock { $0.frames[Int(refusal.rawValue)] += 1 }
  }

  /// Counts the records of a frame that were refused.
  func add(_ frame: borrowing PushFrame) {
    guard frame.refusedCount > 0 else { return }
    let (records, series) = (frame.refusals, frame.seriesRefusals)
    state.withLock { reading in
      for reason in records.indices { reading.records[reason] += records[reason] }
      for reason in series.indices { reading.series[reason] += series[reason] }
    }
  }

  func addAnswer(isSent: Bool) {
    state.withLock {
      $0.answers += 1
      if !isSent { $0.answersLost += 1 }
    }
  }
}
