/// The manual page weir(1) in roff, made from the same tables as the help.
package enum ManualPage {
  /// - Parameters:
  ///   - commands: All subcommands.
  ///   - version: Weir's own.
  ///   - cores: The machine's processor cores, from which defaults follow.
  /// - Returns: Lines, each with a newline.
  package static func text(
    _ commands: [CommandDescription], version: String, cores: Int
  ) -> String {
    var page = """
      .TH WEIR 1 "" "weir \(escaped(version))" "User Commands"
      .SH NAME
      weir \\- receives StatsD metrics, aggregates them, and serves them for Prometheus
      .SH SYNOPSIS
      .nf
      \\fBweir\\fR [\\fIflags\\fR]

      """
    for command in commands { page += line("weir \(command.usage)") }
    page += """
      .fi
      .SH DESCRIPTION
      Receives StatsD metrics over UDP, TCP, Unix sockets and HTTP, aggregates them, and serves them for
      Prometheus to scrape. Without a command it serves until it is stopped.
      .SH COMMANDS

      """
    for command in commands {
      page += ".SS \"\(escaped("weir " + command.usage).replacing("\"", with: "\\(dq"))\"\n.nf\n"
      // The flags have a section of their own.
      let help = command.details.firstRange(of: "Flags, besides")
      let details = help.map { String(command.details[..<$0.lowerBound]) } ?? command.details
      var lines = details.split(separator: "\n", omittingEmptySubsequences: false)[...]
      while lines.last?.isEmpty == true { lines.removeLast() }
      for text in lines { page += text.isEmpty ? ".sp\n" : line(String(text)) }
      page += ".fi\n"
    }
    page +=
      ".SH OPTIONS\nThose marked ... may be repeated; the first value of a list replaces the default.\n"
    page += entries(FlagTable.daemon.flags, cores)
    for command in commands where command.flags?.own.isEmpty == false {
      page += ".SH \"OPTIONS OF WEIR \(command.name.uppercased())\"\n"
      page += entries(command.flags?.own ?? [], cores)
    }
    page += """
      .SH "EXIT STATUS"
      .TP
      0
      All is well.
      .TP
      1
      It could not start, or a command has found trouble.
      .TP
      2
      The command line has a mistake.
      .TP
      3
      A running weir can't be reached.
      .SH ENVIRONMENT
      .TP
      .B WEIR_URL
      Where \\fBweir send\\fR, \\fBweir top\\fR and \\fBweir tap\\fR ask.
      .TP
      .B NO_COLOR
      Turns colours off.
      .TP
      .BR LC_ALL ", " LC_CTYPE ", " LANG
      Without UTF\\-8, only ASCII is shown.

      """
    return page
  }

  private static func entries(_ flags: [Flag], _ cores: Int) -> String {
    flags.map { flag in
      let shown = flag.shown?(Options(cores: cores)) ?? ""
      return ".TP\n\\fB\(escaped(flag.usage))\\fR\n"
        + line(flag.help + (shown.isEmpty ? "" : " (default: \(shown))"))
    }.joined()
  }

  /// A line of text, which never is a request.
  private static func line(_ text: String) -> String {
    let text = escaped(text)
    return (text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : "") + text + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq")
      .replacing("`", with: "\\(ga").replacing("^", with: "\\(ha").replacing("~", with: "\\(ti")
  }
}
