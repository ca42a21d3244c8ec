/// The text of `--help`, made from the table of flags.
enum Help {
  private static let columns = 100
  private static let indent = "      "

  /// Every flag with its default, in lines of at most 100 columns.
  static func text(defaults: Options) -> String {
    var lines = [
      "usage: weir [<flags>]",
      "       weir check-config [<flags>] [<web configuration file> ...]",
      "",
      "Receives StatsD metrics over UDP, merges them, and serves them for Prometheus to scrape.",
      "check-config says what is wrong with flags and files, and serves nothing.",
      "",
      "Flags (one marked ... may be repeated; its first value replaces the default):",
    ]
    for flag in Flag.all {
      lines.append("  \(flag.usage)")
      let shown = flag.shown.map { " (default: \($0(defaults)))" } ?? ""
      lines += wrapped(flag.help + shown)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The words of `text` in indented lines; a word too long for a line stands alone.
  static func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent.count + line.count + 1 + word.count > columns {
        lines.append(indent + line)
        line = ""
      }
      line += line.isEmpty ? word : " \(word)"
    }
    return lines + [indent + line]
  }
}
