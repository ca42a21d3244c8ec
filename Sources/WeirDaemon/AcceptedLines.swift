import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirSockets

/// Writes some of the accepted lines to the log at debug level, so that "does anything arrive?" has
/// an answer: `linesPerSecondMax` a second of all receivers together, and how many there were more.
///
/// There is none unless the log writes such events, so that a batch costs one comparison otherwise.
final class AcceptedLines: Sendable {
  static let linesPerSecondMax = 5
  /// Bytes of a line that are shown.
  static let lineBytesMax = 256

  private struct State {
    /// The second that `left` holds for.
    var second = Int.min
    var left = 0
    /// Lines accepted and not shown since the last that was.
    var notShown = 0
  }

  private let state = Locked(State())
  private let log: Log

  init(log: Log) { self.log = log }

  /// Shows some lines of a batch that was just applied.
  func show(
    _ batch: borrowing SampleBatch, takenBy router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable, at time: timespec
  ) {
    var notShown = 0
    var lastLine: UInt32?
    for index in batch.samples.indices where router.hasTaken(index) {
      let sample = batch.samples[index]
      // A classic line is several samples.
      if sample.nameStart == lastLine { continue }
      lastLine = sample.nameStart
      // Once there is no room, the lock need not be taken for each of the others.
      if notShown == 0, let before = enter(second: time.tv_sec) {
        show(
          Int(sample.nameStart)..<Int(sample.lineEnd), in: messages, notShownBefore: before)
      } else {
        notShown += 1
      }
    }
    if notShown > 0 { skip(notShown) }
  }

  /// Counts lines that are not shown.
  func skip(_ lines: Int) {
    state.withLock { $0.notShown += lines }
  }

  /// Takes the place of one line in a second.
  ///
  /// - Returns: How many lines were not shown since the last that was; nil where there is no room.
  func enter(second: Int) -> Int? {
    state.withLock { state in
      if state.second != second {
        state.second = second
        state.left = AcceptedLines.linesPerSecondMax
      }
      guard state.left > 0 else { return nil }
      state.left -= 1
      defer { state.notShown = 0 }
      return state.notShown
    }
  }

  private func show(
    _ line: Range<Int>, in messages: borrowing some MessageBatch & ~Copyable, notShownBefore: Int
  ) {
    let bytes = messages.bytes
    let end = min(line.upperBound, line.lowerBound + AcceptedLines.lineBytesMax)
    let text = String(decoding: (line.lowerBound..<end).map { bytes[$0] }, as: UTF8.self)
    let sender = messages.source(of: messages.message(containing: line.lowerBound))
    log.debug(
      "accepted a line",
      [
        "sender": .text(sender.description), "line": .text(text),
        "not_shown_before": .init(notShownBefore),
      ])
  }
}
