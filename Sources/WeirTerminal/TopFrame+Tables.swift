import WeirBytes
import WeirInsight

extension TopFrame {
  /// The path of the data, and what was lost on it.
  var path: [TerminalLine] {
    let path = answer.path
    let arrow = " \(style.arrow) "
    var text = " \(rate(path.datagrams, "datagrams"))\(arrow)\(rate(path.lines, "lines"))"
    text += "\(arrow)\(rate(path.samples, "samples"))"
    if path.pushRecords > 0 { text += " + \(rate(path.pushRecords, "pushed"))" }
    text += "\(arrow)\(ReadableNumber.text(path.series)) series"
    if let scrape = answer.scrape {
      text += "\(arrow)scraped \(ReadableNumber.duration(seconds: scrape.ageSeconds)) ago"
      if scrape.status != 200 { text += ", status \(scrape.status)" }
    } else {
      text += "\(arrow)not scraped yet"
    }
    return [TerminalLine(text), losses]
  }

  private func rate(_ number: Double, _ noun: String) -> String {
    "\(ReadableNumber.text(number)) \(noun)/s"
  }

  private var losses: TerminalLine {
    let path = answer.path
    let lost = [
      (path.dropped, path.droppedShare, "datagrams dropped by the kernel"),
      (path.refused, path.refusedShare, "lines refused"),
      (path.limited, path.limitedShare, "lines over a limit"),
    ].filter { $0.0 > 0 }
    guard !lost.isEmpty else { return TerminalLine(" nothing is lost", .green) }
    let texts = lost.map { number, share, noun in
      "\(ReadableNumber.text(number)) \(noun)/s (\(ReadableNumber.share(share)))"
    }
    return TerminalLine(" lost: " + texts.joined(separator: ", "), .strongRed)
  }

  /// The last minutes, one line for each kind of number.
  var charts: [TerminalLine] {
    let path = answer.path
    return [
      chart("lines/s", ReadableNumber.text(path.lines), .lines, .cyan),
      chart("drops/s", ReadableNumber.text(path.dropped), .dropped, alarming: path.dropped),
      chart("refused/s", ReadableNumber.text(path.refused), .refused, alarming: path.refused),
      chart("limited/s", ReadableNumber.text(path.limited), .limited, alarming: path.limited),
      chart("series", ReadableNumber.text(path.series), .series, .cyan),
      chart(
        "scrape", answer.scrape.map { ReadableNumber.duration(seconds: $0.durationSeconds) } ?? "-",
        .scrapeSeconds, .cyan),
    ]
  }

  private func chart(
    _ name: String, _ now: String, _ column: StatusAnswer.History.Column, alarming number: Double
  ) -> TerminalLine {
    chart(name, now, column, number > 0 ? .red : .green)
  }

  private func chart(
    _ name: String, _ now: String, _ column: StatusAnswer.History.Column, _ tint: Style.Tint
  ) -> TerminalLine {
    var line = TerminalLine(" \(name.leading(10))\(now.trailing(ReadableNumber.countMax + 1))  ")
    line.append(
      Sparkline.text(
        history.values(column),
        columns: min(KeptHistory.stepsMax, columns - line.width), end: history.end, style), tint)
    return line
  }

  /// The heading and the rows of the view.
  var table: [TerminalLine] {
    switch view {
    case .names: names
    case .senders: senders
    case .limits: limits
    }
  }

  private static let rowsMax = 100

  /// The columns of the first column of a table, beside numbers that take `others`.
  private func nameColumns(_ others: Int) -> Int { max(8, min(60, columns - 1 - others)) }

  private func heading(_ text: String) -> TerminalLine {
    guard style.hasColour else { return TerminalLine(text) }
    return TerminalLine(text.leading(columns), .reverse)
  }

  /// When there are no rows yet.
  private func rows(_ rows: [TerminalLine], orElse text: String) -> [TerminalLine] {
    rows.isEmpty ? [TerminalLine(" " + text, .dim)] : rows
  }

  private var sampled: String {
    answer.sampledSeconds < 1
      ? "not counted yet; counting begins with the first question"
      : "none in the last \(ReadableNumber.duration(seconds: min(60, answer.sampledSeconds)))"
  }

  private var names: [TerminalLine] {
    let width = nameColumns(11)
    let most = answer.names.reduce(0) { max($0, $1.lines) }
    let lines = answer.names.prefix(TopFrame.rowsMax).map { name in
      var line = TerminalLine(" " + foreign(name.name, width))
      line.append(ReadableNumber.text(name.lines).trailing(11))
      line.append("  " + bar(name.lines, of: most, columns - width - 14), .cyan)
      return line
    }
    return [heading(" " + "NAME".leading(width) + "LINES/S".trailing(11))]
      + rows(lines, orElse: sampled)
  }

  private var senders: [TerminalLine] {
    let width = nameColumns(38)
    let lines = answer.senders.prefix(TopFrame.rowsMax).map { sender in
      var line = TerminalLine(" " + foreign(sender.name, width) + "  ")
      line.append(foreign(sender.how, 13))
      line.append(ReadableNumber.text(sender.lines).trailing(11))
      let refused = sender.refused > 0 ? ReadableNumber.text(sender.refused) : ""
      line.append(refused.trailing(12), .red)
      return line
    }
    let head = "SENDER".leading(width) + "  " + "HOW".leading(13) + "LINES/S".trailing(11)
    return [heading(" " + head + "REFUSED/S".trailing(12))] + rows(lines, orElse: sampled)
  }

  private var limits: [TerminalLine] {
    let width = min(24, nameColumns(22))
    let lines = answer.limits.prefix(TopFrame.rowsMax).map { limit in
      var line = TerminalLine(" " + foreign(limit.limit, width))
      line.append((limit.used.map(ReadableNumber.text) ?? "").trailing(11))
      line.append(ReadableNumber.text(limit.max).trailing(11))
      if let used = limit.used, limit.max > 0, used.isFinite {
        let share = min(1, max(0, used / limit.max))
        let tint: Style.Tint = share > 0.9 ? .red : share > 0.7 ? .yellow : .cyan
        line.append("  " + bar(share, of: 1, 20).leading(20), tint)
      } else if limit.fullInSeconds != nil || limit.name != nil {
        line.append(String(repeating: " ", count: 22))
      }
      if let seconds = limit.fullInSeconds {
        line.append("  full in \(ReadableNumber.duration(seconds: seconds))", .yellow)
      }
      if let name = limit.name, columns - line.width > 4 {
        line.append("  " + DisplayWidth.cut(foreign: name, to: columns - line.width - 2, style))
      }
      return line
    }
    return [heading(" " + "LIMIT".leading(width) + "USED".trailing(11) + "OF".trailing(11))]
      + rows(lines, orElse: "the answer has none")
  }

  private func foreign(_ text: String, _ width: Int) -> String {
    DisplayWidth.cut(foreign: text, to: width, style).leading(width)
  }

  private func bar(_ number: Double, of most: Double, _ columns: Int) -> String {
    guard columns > 0, most > 0, number > 0, number.isFinite, most.isFinite else { return "" }
    let length = Int((min(1, number / most) * Double(columns)).rounded())
    return String(repeating: style.isUTF8 ? "█" : "#", count: max(1, length))
  }
}
