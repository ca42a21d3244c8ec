import Glibc
import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirSockets

/// The last lines that were refused, for an operator who asks why a metric is missing.
final class RefusedLines: Sendable {
  /// Lines that are kept.
  static let keptMax = 200
  /// Bytes of a line that are kept; the rest is cut off.
  static let lineBytesMax = 512

  struct Entry: Sendable {
    let time: timespec
    let sender: MessageSource
    let reason: Refusal
    let line: [UInt8]
    /// Whether the line is longer than what is kept of it.
    let isCut: Bool
  }

  /// Refused frames and records of the push protocol.
  let pushes = RefusedPushes()

  /// Oldest first.
  private let entries = Locked<[Entry]>([])

  /// Keeps the refused lines of a batch. Several refused samples of one line are shown once, with the
  /// reason of the last.
  func record(
    _ refusals: RefusalRecord, in messages: borrowing some MessageBatch & ~Copyable,
    at time: timespec,
    log: Log
  ) {
    let bytes = messages.bytes
    let last = refusals.last
    let fresh = last.enumerated().compactMap { index, refusal -> Entry? in
      if index + 1 < last.count, last[index + 1].lineStart == refusal.lineStart { return nil }
      let end = min(refusal.lineEnd, refusal.lineStart + RefusedLines.lineBytesMax)
      return Entry(
        time: time, sender: messages.source(of: messages.message(containing: refusal.lineStart)),
        reason: refusal.reason, line: (refusal.lineStart..<end).map { bytes[$0] },
        isCut: end < refusal.lineEnd)
    }
    for entry in fresh where log.writes(.debug) {
      log.debug(
        "refused a line",
        [
          "reason": .text("\(entry.reason.label)"), "sender": .text(entry.sender.description),
          "line": .text(String(decoding: entry.line, as: UTF8.self)),
        ])
    }
    entries.withLock { entries in
      entries.append(contentsOf: fresh)
      entries.removeFirst(max(0, entries.count - RefusedLines.keptMax))
    }
  }

  /// The refused lines that are kept, oldest first.
  var lastEntries: [Entry] { entries.withLock { $0 } }
}
