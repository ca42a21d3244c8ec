import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSockets

/// The last pushed frames and records that were refused, for an operator who asks why a metric is
/// missing.
///
/// They have a list of their own, so that a flood of bad lines does not push them out.
final class RefusedPushes: Sendable {
  /// How many are kept.
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
        "instance": .text(RefusedPushes.text(entry.instance)),
        "name": .text(String(decoding: entry.name ?? [], as: UTF8.self)),
      ])
  }

  /// One line each, newest first: `time sender instance frame reason` or
  /// `time sender instance record reason "name"`, with `-` for what is not known.
  func append(to page: inout ByteWriter) {
    let entries = entries.withLock { $0 }
    page.append("The last \(RefusedPushes.keptMax) refused push frames and records, newest first: ")
    page.append("time, sender, instance, frame or record, reason, name of a record.\n")
    for entry in entries.reversed() {
      page.append(RFC3339.text(entry.time))
      page.append(" \(entry.sender?.description ?? "-") \(RefusedPushes.text(entry.instance)) ")
      page.append(entry.isRecord ? "record " : "frame ")
      page.append(entry.reason)
      if entry.isRecord {
        page.append(" ")
        page.append(entry.name.map { "\"\(printable($0))\"" } ?? "-")
      }
      page.append("\n")
    }
  }

  private static func text(_ instance: InstanceID?) -> String {
    guard let instance else { return "-" }
    let digits = String(instance.number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Bytes as C writes them in a string.
func printable(_ bytes: [UInt8]) -> String {
  bytes.map(printable).joined()
}

private func printable(_ byte: UInt8) -> String {
  switch byte {
  case UInt8(ascii: "\\"): "\\\\"
  case UInt8(ascii: "\""): "\\\""
  case 0x20...0x7E: String(UnicodeScalar(byte))
  case 0x09: "\\t"
  case 0x0D: "\\r"
  default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
