import WeirBytes
import WeirInsight

extension TopFrame {
  /// Every finding in full, with its remedy.
  var wholeFindings: [TerminalLine] {
    guard !answer.findings.isEmpty else { return [well] }
    return answer.findings.prefix(TopFrame.findingsMax).flatMap { whole($0) }
  }

  /// The API has no more.
  static let findingsMax = 10
  /// Of a sentence, so that one of a foreign server does not fill the screen.
  private static let sentenceColumnsMax = 600

  private var well: TerminalLine {
    TerminalLine(" \(style.mark(.well)) All is well.", .green)
  }

  /// Findings in `rows` lines at most. Each has one line; with more room, the first ones are shown in full.
  func findingLines(_ rows: Int) -> [TerminalLine] {
    let findings = Array(answer.findings.prefix(TopFrame.findingsMax))
    guard rows > 0 else { return [] }
    guard !findings.isEmpty else { return [well] }
    if findings.count > rows {
      let shown = findings.prefix(rows - 1).map { short($0) }
      let left = findings.count - shown.count
      if rows == 1 { return [short(findings[0], and: left - 1)] }
      return shown + [TerminalLine("   \(left) more; a higher window shows them", .dim)]
    }
    var lines: [TerminalLine] = []
    var room = rows - findings.count
    for finding in findings {
      let whole = whole(finding)
      if whole.count - 1 <= room {
        room -= whole.count - 1
        lines += whole
      } else {
        lines.append(short(finding))
      }
    }
    return lines
  }

  private func look(of level: StatusAnswer.Finding.Level) -> (mark: String, tint: Style.Tint) {
    switch level {
    case .bad: (style.mark(.bad), .strongRed)
    case .warn: (style.mark(.warn), .yellow)
    case .info: (style.mark(.info), .cyan)
    }
  }

  private func short(_ finding: StatusAnswer.Finding, and others: Int = 0) -> TerminalLine {
    let (mark, tint) = look(of: finding.level)
    let end = others > 0 ? "  (and \(others) more)" : ""
    let room = columns - 3 - mark.count + 1 - DisplayWidth.of(end)
    return TerminalLine(
      " \(mark) " + DisplayWidth.cut(sentence(finding.what), to: room, style) + end, tint)
  }

  private func whole(_ finding: StatusAnswer.Finding) -> [TerminalLine] {
    let (mark, tint) = look(of: finding.level)
    var what = sentence(finding.what)
    if finding.sinceSeconds > 0 {
      what += " Seen for \(ReadableNumber.duration(seconds: finding.sinceSeconds))."
    }
    let indent = String(repeating: " ", count: mark.count + 2)
    let room = columns - indent.count
    let lines = DisplayWidth.wrapped(what, to: room)
    let fixes = DisplayWidth.wrapped(sentence(finding.fix), to: room)
    return zip(0..., lines).map { number, line in
      TerminalLine((number == 0 ? " \(mark) " : indent) + line, tint)
    } + fixes.map { TerminalLine(indent + $0) }
  }

  private func sentence(_ text: String) -> String {
    DisplayWidth.cut(
      foreign: style.own(text), to: TopFrame.sentenceColumnsMax, style)
  }
}
