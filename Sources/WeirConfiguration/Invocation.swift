/// What a command line asks for.
package enum Invocation: Sendable, Equatable {
  case run(Options)
  /// Check the options, the files that they name, and `files` as web configuration files; serve
  /// nothing.
  case checkConfig(Options, files: [String])
  /// Ask the Weir that runs with the same options whether it is ready.
  case health(Options)
  /// Print the text, which ends with a newline, and exit.
  case help(String)
  /// Print the version and exit.
  case version

  /// What a flag can ask for in place of running.
  enum Request: Sendable {
    case help, version
  }

  /// Reads the arguments that follow the command's name, as the Prometheus exporters do:
  /// `--flag=value` or `--flag value`, `--toggle` or `--no-toggle`, `-h` for `--help`.
  ///
  /// `check-config` as the first argument checks in place of running, and takes files beside flags;
  /// `health` asks the Weir that runs.
  /// Arguments are read from left to right, and `--help` or `--version` ends the reading.
  ///
  /// - Parameter cores: The machine's processor cores, from which defaults follow.
  /// - Throws: The first mistake.
  package static func parse(
    _ arguments: [String], cores: Int
  ) throws(UsageError) -> Invocation {
    let checks = arguments.first == checkCommand
    let asks = asksForHealth(arguments)
    var arguments = Arguments(
      Array(arguments.dropFirst(checks || asks ? 1 : 0)), takesFiles: checks)
    var options = Options(cores: cores)
    var seen: Set<String> = []
    while let argument = try arguments.next() {
      let flag = argument.flag
      if case .request(let request) = flag.kind {
        if request == .version { return .version }
        return .help(asks ? Help.health : Help.text(defaults: Options(cores: cores)))
      }
      let isFirst = seen.insert(flag.name).inserted
      guard isFirst || flag.isRepeatable else {
        throw UsageError("--\(flag.name) is given twice; leave one of them out")
      }
      try flag.set(argument.value, isFirst, &options)
    }
    try options.checkObservations()
    try options.checkPush()
    if asks { return .health(options) }
    return checks ? .checkConfig(options, files: arguments.files) : .run(options)
  }

  /// Whether the arguments are those of `weir health`.
  package static func asksForHealth(_ arguments: [String]) -> Bool { arguments.first == "health" }

  private static let checkCommand = "check-config"
}
