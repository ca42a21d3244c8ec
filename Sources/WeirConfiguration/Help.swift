/// The text of `weir --help`, made from the table of flags.
package enum Help {
  private static let columns = 100
  private static let indent = "      "

  /// Every flag with its default, in lines of at most 100 columns.
  ///
  /// - Parameters:
  ///   - cores: The machine's processor cores, from which defaults follow.
  ///   - commands: The subcommands, each as it is written and in a sentence.
  package static func text(
    cores: Int, commands: [(usage: String, summary: String)] = []
  ) -> String {
    var lines = ["usage: weir [<flags>]"]
    for command in commands { lines.append("       weir \(command.usage)") }
    lines += [
      "",
      "Receives StatsD metrics, aggregates them, and serves them for Prometheus to scrape.",
      "",
    ]
    if !commands.isEmpty {
      lines.append("Commands (see also weir COMMAND --help; without one, weir serves):")
      for command in commands {
        lines.append("  \(command.usage)")
        lines += wrapped(command.summary)
      }
      lines.append("")
    }
    lines.append(
      "Flags (those marked ... may be repeated; the first value of a list replaces the default):")
    lines += entries(of: Flag.all, Options(cores: cores))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The flags of a command besides those of the daemon, each with its default, in lines of at most 100 columns.
  package static func ownFlags(of table: FlagTable) -> String {
    entries(of: table.own, Options(cores: 1)).joined(separator: "\n") + "\n"
  }

  private static func entries(of flags: [Flag], _ defaults: Options) -> [String] {
    flags.flatMap { flag in
      let shown = flag.shown?(defaults) ?? ""
      return ["  \(flag.usage)"]
        + wrapped(flag.help + (shown.isEmpty ? "" : " (default: \(shown))"))
    }
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
