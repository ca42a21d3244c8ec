/// What `?` shows in `weir top`.
enum TopHelp {
  private static let rows: [(key: String, text: String)] = [
    ("1 2 3", "busiest names, busiest senders, limits"),
    ("p", "pause, or go on"),
    ("Ctrl-L", "draw the screen again"),
    ("Ctrl-Z", "stop until the shell's fg"),
    ("?", "show or close this help"),
    ("q", "quit"),
    ("", ""),
    ("lines/s", "lines that senders sent, each second"),
    ("samples/s", "samples that Weir has applied; a line may have several"),
    ("drops/s", "datagrams that the kernel dropped, because a receive buffer was full"),
    ("refused/s", "lines that Weir could not read; see /debug/refused"),
    ("limited/s", "lines that exceeded a limit"),
    ("series", "series that exist; they are the same as those of the next scrape"),
    ("scrape", "how long the last scrape took"),
  ]

  static func lines(_ style: Style) -> [TerminalLine] {
    rows.map { row in
      var line = TerminalLine()
      line.append(" " + row.key.leading(11), .strong)
      line.append(row.text)
      return line
    }
  }
}
