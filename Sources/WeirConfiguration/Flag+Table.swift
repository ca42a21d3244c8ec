extension Flag {
  /// Every flag of `weir`, in the order of `--help`. The parser and the help text read this table
  /// only.
  static let all: [Flag] =
    [
      .request("help", .help, help: "Show this help and exit."),
      .request("version", .version, help: "Show the version and exit."),
    ] + statsd + inputs + lines + relay + observations + limit + series + push + pushgateway + state
    + forward + cluster + cloudWatch + web + log + compatibility

  private static let log: [Flag] = [
    .choice("log.level", \.log.level, help: "Least severity of the events that are logged."),
    .choice("log.format", \.log.format, help: "Form of the log lines, on standard error."),
  ]
}
