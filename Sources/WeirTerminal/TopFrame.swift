import WeirBytes
import WeirInsight

/// What `weir top` shows, as lines:
///
///     Weir 0.2.0  weir-0  up 3 d 4 h  http://127.0.0.1:9102
///      ✗ what is wrong … and what to do           findings, worst first
///
///      datagrams → lines → samples → series → scraped
///      lost: …
///
///      lines      192 k/s  ▁▂▃▄▅▆▇█               history
///
///      NAME                 LINES/S               names, senders or limits
///      1 names  2 senders  3 limits  p pause      keys
///
/// It is a function of an answer, so that a server can show the same without a terminal.
package struct TopFrame: Sendable {
  /// What the table shows.
  package enum View: String, Sendable, CaseIterable {
    case names, senders, limits
  }

  /// Since when there is no answer, and why.
  package struct Silence: Sendable, Equatable {
    /// The time of day.
    package var since: String
    package var seconds: Double
    package var reason: String

    package init(since: String, seconds: Double, reason: String) {
      self.since = since
      self.seconds = seconds
      self.reason = reason
    }
  }

  package static let columnsByDefault = 100

  package var answer: StatusAnswer
  package var history: KeptHistory
  package var view = View.names
  /// Where Weir is; empty if that is not shown.
  package var url = ""
  package var isPaused = false
  package var showsHelp = false
  package var silence: Silence?
  package var style: Style
  let columns: Int

  /// - Parameter columns: The width, at least 1.
  package init(_ answer: StatusAnswer, history: KeptHistory, columns: Int, style: Style) {
    self.answer = answer
    self.history = history
    self.columns = max(1, columns)
    self.style = style
  }

  /// A whole report as plain text: every finding with its remedy, and all tables.
  ///
  /// - Parameters:
  ///   - columns: No line is longer.
  ///   - views: The tables that are shown.
  ///   - isUTF8: Whether characters beyond ASCII are shown, or written out.
  /// - Returns: Lines, each with a newline.
  package static func onceText(
    _ answer: StatusAnswer, columns: Int = columnsByDefault, views: [View] = View.allCases,
    isUTF8: Bool = true
  ) -> String {
    let style = Style(isUTF8: isUTF8, hasColour: false)
    var frame = TopFrame(answer, history: KeptHistory(answer), columns: columns, style: style)
    var lines = [frame.header] + frame.wholeFindings + [TerminalLine()] + frame.path
    lines += [TerminalLine()] + frame.charts
    for view in views {
      frame.view = view
      lines += [TerminalLine()] + frame.table
    }
    return lines.map { line in
      var text = line.text(columns: frame.columns, style)
      while text.hasSuffix(" ") { text.removeLast() }
      return text + "\n"
    }.joined()
  }

  /// The lines of a screen.
  ///
  /// - Parameter rows: The most lines.
  /// - Returns: Lines of at most `columns`, with the escape sequences of colours if the style has them.
  package func lines(rows: Int) -> [String] {
    screen(rows: max(1, rows)).map { $0.text(columns: columns, style) }
  }

  /// The lines in the order of the screen. When there is little room, the least important ones are left out.
  private func screen(rows: Int) -> [TerminalLine] {
    let top = [header] + alarm
    guard rows > top.count + 1 else { return Array(top.prefix(rows)) }
    let room = rows - top.count - 1
    let body = showsHelp ? Array(TopHelp.lines(style).prefix(room)) : self.body(rows: room)
    return top + body + padding(room - body.count) + [keys]
  }

  private func padding(_ count: Int) -> [TerminalLine] {
    Array(repeating: TerminalLine(), count: max(0, count))
  }

  private func body(rows: Int) -> [TerminalLine] {
    let path = path
    let table = table
    let charts = charts
    // What each part gets, the most important first.
    var left = rows
    func take(_ wanted: Int) -> Int {
      let taken = min(wanted, max(0, left))
      left -= taken
      return taken
    }
    var findings = take(max(1, min(answer.findings.count, rows / 4)))
    let ways = take(path.count)
    var tables = take(min(4, table.count))
    let bars = left >= charts.count ? take(charts.count) : 0
    var gaps = take(3)
    tables += take(min(8, table.count - tables))
    findings += take(wholeFindings.count - findings)
    tables += take(table.count - tables)
    func gap() -> [TerminalLine] {
      guard gaps > 0 else { return [] }
      gaps -= 1
      return [TerminalLine()]
    }
    return findingLines(findings) + gap() + path.prefix(ways) + gap()
      + charts.prefix(bars) + (bars > 0 ? gap() : []) + table.prefix(tables)
  }

  private var header: TerminalLine {
    var line = TerminalLine(
      "Weir \(DisplayWidth.cut(foreign: answer.version, to: 20, style))", .strong)
    if !answer.node.isEmpty {
      line.append("  " + DisplayWidth.cut(foreign: answer.node, to: 40, style))
    }
    line.append("  up \(ReadableNumber.duration(seconds: answer.uptimeSeconds))")
    if isPaused {
      line.append("  ")
      line.append("PAUSED", .reverse)
    }
    if !url.isEmpty { line.append("  " + DisplayWidth.cut(foreign: url, to: 80, style), .dim) }
    return line
  }

  private var alarm: [TerminalLine] {
    guard let silence else { return [] }
    let text =
      " Weir has not answered since \(silence.since) (\(ReadableNumber.duration(seconds: silence.seconds))): "
      + DisplayWidth.cut(foreign: silence.reason, to: 200, style)
    return [TerminalLine(text, .alarm)]
  }

  private var keys: TerminalLine {
    let names = zip(1..., View.allCases).map { number, view in
      (text: "\(number) \(view.rawValue)", tint: view == self.view ? Style.Tint.strong : .dim)
    }
    var line = TerminalLine()
    for name in names { line.append(" \(name.text) ", name.tint) }
    line.append("  p \(isPaused ? "go on" : "pause")   ? help   q quit", .dim)
    return line
  }
}
