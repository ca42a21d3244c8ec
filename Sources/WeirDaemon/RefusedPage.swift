import WeirBytes
import WeirMetrics
import WeirPush
import WeirSockets

/// `/debug/refused`: the last lines, frames and records that were refused, and why.
struct RefusedPage: Sendable {
  /// Lines that are shown.
  static let linesMax = 50

  let status: Status.Refused
  let showsLines: Bool

  /// - Parameter showsLines: Whether lines are shown, or only when, from whom and why they were refused.
  init(_ status: Status.Refused, showsLines: Bool = true) {
    self.status = status
    self.showsLines = showsLines
  }

  /// The lines, then, after an empty line, the frames and records; newest first.
  var text: String { (lines + [""] + pushes).joined(separator: "\n") + "\n" }

  /// `time sender reason "line"`, with escapes for what is not plain text.
  private var lines: [String] {
    [
      "The last \(RefusedPage.linesMax) refused lines, newest first: time, sender, reason"
        + (showsLines ? ", line." : "; --no-web.show-lines hides the lines.")
    ]
      + status.lines.suffix(RefusedPage.linesMax).reversed().map { entry in
        "\(RFC3339.text(entry.time)) \(entry.sender) \(entry.reason.label)"
          + (showsLines ? " \"\(RefusedPage.escaped(entry.line))\"\(entry.isCut ? "…" : "")" : "")
      }
  }

  /// `time sender instance frame reason` or `time sender instance record reason "name"`, with `-`
  /// for what is not known.
  private var pushes: [String] {
    [
      "The last \(RefusedPushes.keptMax) refused push frames and records, newest first: "
        + "time, sender, instance, frame or record, reason, name of a record."
    ]
      + status.pushes.reversed().map { entry in
        let head =
          "\(RFC3339.text(entry.time)) \(entry.sender?.description ?? "-") "
          + "\(RefusedPage.text(entry.instance)) "
        guard entry.isRecord else { return head + "frame \(entry.reason)" }
        let name = entry.name.map { "\"\(RefusedPage.escaped($0))\"" } ?? "-"
        return head + "record \(entry.reason) \(name)"
      }
  }

  /// An instance's number in hexadecimal digits.
  static func text(_ instance: InstanceID?) -> String {
    guard let instance else { return "-" }
    let digits = String(instance.number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Bytes as C writes them in a string.
  static func escaped(_ bytes: [UInt8]) -> String { bytes.map(escaped).joined() }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\\"): "\\\\"
    case UInt8(ascii: "\""): "\\\""
    case 0x20...0x7E: String(UnicodeScalar(byte))
    case 0x09: "\\t"
    case 0x0D: "\\r"
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
