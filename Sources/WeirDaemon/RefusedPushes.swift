import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSockets

/// The last pushed frames and records that were refused, for an operator who asks why a metric is
/// missing.
///
/// They have their own list, so a flood of bad lines does not evict them.
final class RefusedPushes: Sendable {
  /// Entries that are kept.
  static let keptMax = 50
  /// Bytes of a name that are kept.
  static let nameBytesMax = 128

  /// Oldest first.
  private let entries = Locked<[PushReports.Entry]>([])

  func record(_ reports: PushReports, log: Log) {
    guard !reports.entries.isEmpty else { return }
    if log.writes(.debug) {
      for entry in reports.entries { show(entry, log) }
    }
    entries.withLock { entries in
      entries.append(contentsOf: reports.entries)
      entries.removeFirst(max(0, entries.count - RefusedPushes.keptMax))
    }
  }

  private func show(_ entry: PushReports.Entry, _ log: Log) {
    log.debug(
      entry.isRecord ? "refused a record" : "refused a frame",
      [
        "reason": .text("\(entry.reason)"),
        "sender": .text(entry.sender?.description ?? ""),
        "instance": .text(RefusedPage.text(entry.instance)),
        "name": .text(String(decoding: entry.name ?? [], as: UTF8.self)),
      ])
  }

  /// The refused frames and records that are kept, oldest first.
  var lastEntries: [PushReports.Entry] { entries.withLock { $0 } }
}
