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

  /// Opens a tap; false if there are `tapsMax` already, or Weir stops.
  func open(_ tap: Tap) -> Bool {
    state.withLock { state in
      guard state.taps.count < TapDesk.tapsMax, !state.isStopped else { return false }
      state.taps.append(tap)
      watch.set(.taps, true)
      return true
    }
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
    var choice = LineChoice(tap)
    var lastLine: UInt32?
    for index in batch.samples.indices where router.hasTaken(index) {
      let sample = batch.samples[index]
      // A classic line is several samples.
      if sample.nameStart == lastLine { continue }
      lastLine = sample.nameStart
      choice.look(Int(sample.nameStart)..<Int(sample.lineEnd), reason: nil, in: messages)
    }
    choice.finish(tap, in: messages, at: time)
  }

  private func showRefused(
    _ batch: borrowing SampleBatch, in messages: borrowing some MessageBatch & ~Copyable,
    _ tap: Tap,
    _ time: timespec
  ) {
    guard batch.refusals.total > 0 else { return }
    var choice = LineChoice(tap)
    let kept = batch.refusals.last
    for refusal in kept {
      if let reason = tap.filter.reason, reason != refusal.reason { continue }
      choice.look(
        refusal.lineStart..<refusal.lineEnd, reason: refusal.reason.label, in: messages)
    }
    // Of more in one batch nobody knows what they are.
    if tap.filter.reason == nil, !tap.filter.readsLine {
      choice.addUnseen(batch.refusals.total - kept.count)
    }
    choice.finish(tap, in: messages, at: time)
  }
}

/// Chooses some of a batch's lines that match, each with the same probability.
private struct LineChoice {
  private let filter: TapFilter
  private let allowed: Int
  private var chosen: [(line: Range<Int>, reason: StaticString?)] = []
  private var matched = 0
  private var unseen = 0
  /// Whether the sender of the message at this index is admitted, which is asked once for each message.
  private var admitted: (message: Int, isAdmitted: Bool)?

  init(_ tap: Tap) {
    filter = tap.filter
    allowed = tap.allowed()
  }

  mutating func addUnseen(_ count: Int) { unseen += count }

  mutating func look(
    _ line: Range<Int>, reason: StaticString?, in messages: borrowing some MessageBatch & ~Copyable
  ) {
    if !filter.networks.isEmpty {
      let message = messages.message(containing: line.lowerBound)
      if admitted?.message != message {
        admitted = (message, filter.admits(messages.source(of: message)))
      }
      guard admitted?.isAdmitted == true else { return }
    }
    if filter.readsLine {
      let bytes = messages.bytes
      guard filter.matches(line.map { bytes[$0] }[...]) else { return }
    }
    matched += 1
    if chosen.count < allowed {
      chosen.append((line, reason))
    } else if allowed > 0 {
      // Reservoir sampling: all lines have the same chance, whoever sends them.
      let place = Int.random(in: 0..<matched)
      if place < allowed { chosen[place] = (line, reason) }
    }
  }

  func finish(
    _ tap: Tap, in messages: borrowing some MessageBatch & ~Copyable, at time: timespec
  ) {
    let bytes = messages.bytes
    var lines: [Tap.Line] = []
    for (line, reason) in chosen.sorted(by: { $0.line.lowerBound < $1.line.lowerBound }) {
      let end = min(line.upperBound, line.lowerBound + Tap.lineBytesMax)
      let source = messages.source(of: messages.message(containing: line.lowerBound))
      lines.append(
        Tap.Line(
          bytes: (line.lowerBound..<end).map { bytes[$0] }, isCut: end < line.upperBound,
          sender: source.description, reason: reason))
    }
    tap.add(lines, notShown: matched - chosen.count + unseen, at: time)
  }
}
