import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirSockets

/// The taps that are open, and what of each batch they show.
final class TapDesk: Sendable {
  static let tapsMax = 4

  private struct State {
    var taps: [Tap] = []
    var isStopped = false
  }

  private let watch: Watch
  private let state = Locked(State())

  init(watch: Watch) { self.watch = watch }

  /// Opens a tap.
  ///
  /// - Throws: If there are `tapsMax` already, or Weir stops.
  func open(_ tap: Tap) throws(ApiFailure) {
    let refusal = state.withLock { state -> ApiFailure? in
      if state.isStopped { return ApiFailure("Weir stops; ask again when it runs", status: 503) }
      guard state.taps.count < TapDesk.tapsMax else {
        return ApiFailure(
          "there are \(TapDesk.tapsMax) taps already; end one of them, or wait", status: 503,
          retrySeconds: 10)
      }
      state.taps.append(tap)
      watch.set(.taps, true)
      return nil
    }
    if let refusal { throw refusal }
  }

  func close(_ tap: Tap) {
    state.withLock { state in
      state.taps.removeAll { $0 === tap }
      watch.set(.taps, !state.taps.isEmpty)
    }
  }

  /// Ends all taps, and opens no more.
  func stop() {
    let taps = state.withLock { state in
      state.isStopped = true
      return state.taps
    }
    for tap in taps { tap.end(because: "stop") }
  }

  /// Shows lines of a batch that was just applied.
  ///
  /// - Complexity: O(samples and their bytes) for each tap.
  func show(
    _ batch: borrowing SampleBatch, _ router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable
  ) {
    let taps = state.withLock { $0.taps }
    guard !taps.isEmpty else { return }
    let time = Log.wallClock()
    for tap in taps {
      if tap.filter.showsRefused {
        showRefused(batch, in: messages, tap, time)
      } else {
        showAccepted(batch, router, in: messages, tap, time)
      }
    }
  }

  private func showAccepted(
    _ batch: borrowing SampleBatch, _ router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable, _ tap: Tap, _ time: timespec
  ) {
    tap.consider { window in
      var choice = LineChoice(tap.filter, time)
      var lastLine: UInt32?
      for index in batch.samples.indices where router.hasTaken(index) {
        let sample = batch.samples[index]
        // A classic line is several samples.
        if sample.nameStart == lastLine { continue }
        lastLine = sample.nameStart
        choice.look(
          Int(sample.nameStart)..<Int(sample.lineEnd), reason: nil, in: messages, &window)
      }
    }
  }

  private func showRefused(
    _ batch: borrowing SampleBatch, in messages: borrowing some MessageBatch & ~Copyable,
    _ tap: Tap,
    _ time: timespec
  ) {
    guard batch.refusals.total > 0 else { return }
    tap.consider { window in
      var choice = LineChoice(tap.filter, time)
      let kept = batch.refusals.last
      let wanted = kept.filter { tap.filter.reason == nil || tap.filter.reason == $0.reason }
      for (index, refusal) in wanted.enumerated() {
        // Several refused samples of one line are shown once, as on the page of refused lines.
        if index + 1 < wanted.count, wanted[index + 1].lineStart == refusal.lineStart { continue }
        choice.look(
          refusal.lineStart..<refusal.lineEnd, reason: refusal.reason.label, in: messages, &window)
      }
      // Of more in one batch nobody knows what they are.
      if tap.filter.reason == nil, !tap.filter.readsLine, tap.filter.networks.isEmpty {
        window.addUnknown(batch.refusals.total - kept.count)
      }
    }
  }
}

/// Looks at lines of a batch for a tap.
private struct LineChoice {
  private let filter: TapFilter
  private let time: timespec
  /// Whether the sender of the message at this index is admitted, which is asked once for each message.
  private var admitted: (message: Int, isAdmitted: Bool)?

  init(_ filter: TapFilter, _ time: timespec) {
    self.filter = filter
    self.time = time
  }

  mutating func look(
    _ line: Range<Int>, reason: StaticString?, in messages: borrowing some MessageBatch & ~Copyable,
    _ window: inout Tap.Window
  ) {
    if !filter.networks.isEmpty {
      let message = messages.message(containing: line.lowerBound)
      if admitted?.message != message {
        admitted = (message, filter.admits(messages.source(of: message)))
      }
      guard admitted?.isAdmitted == true else { return }
    }
    if filter.readsLine, !filter.matches(messages.bytes, line) { return }
    window.consider {
      let bytes = messages.bytes
      let end = min(line.upperBound, line.lowerBound + Tap.lineBytesMax)
      return Tap.Line(
        time: time, bytes: (line.lowerBound..<end).map { bytes[$0] }, isCut: end < line.upperBound,
        sender: messages.source(of: messages.message(containing: line.lowerBound)).description,
        reason: reason)
    }
  }
}
