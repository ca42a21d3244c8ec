/// The text of `--help`, made from the table of flags.
enum Help {
  private static let columns = 100
  private static let indent = "      "

  /// Every flag with its default, in lines of at most 100 columns.
  static func text(defaults: Options) -> String {
    var lines = [
      "usage: weir [<flags>]",
      "       weir check-config [<flags>] [<web configuration file> ...]",
      "       weir health [<flags>]",
      "",
      "Receives StatsD metrics over UDP, merges them, and serves them for Prometheus to scrape.",
      "check-config says what is wrong with flags and files, and serves nothing.",
      "health asks the weir that runs whether it is ready; see weir health --help.",
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

  /// The text of `weir health --help`.
  static let health = """
    usage: weir health [<flags>]

    Asks the weir that runs whether it is ready. The exit status is 0 if it is, and 1 with a sentence
    on standard error if it is not, or if none answers within 5 seconds.

    Give it the flags that the running weir has. Only --web.listen-address matters: the first one
    says which weir is meant. Without it, that is the one that serves 127.0.0.1:9102, be it by
    127.0.0.1, 0.0.0.0 or [::]. Where that weir was started with port 0, write the port of its log.

    It asks over a Unix socket in the network namespace of this command, and both sides answer only
    the same user. TLS, client certificates, passwords and rate limits do not matter to it.

    """

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
