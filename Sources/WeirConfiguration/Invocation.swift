/// What a command line of the daemon's flags asks for.
package enum Invocation: Sendable, Equatable {
  /// Run with the options.
  case run(Options)
  /// Print the help text and exit.
  case help
  /// Print the version and exit.
  case version

  /// Reads flags as the Prometheus exporters do: `--flag=value` or `--flag value`, `--toggle` or
  /// `--no-toggle`, `-h` for `--help`.
  ///
  /// Arguments are read from left to right, and `--help` or `--version` ends the reading.
  ///
  /// - Parameter cores: The machine's processor cores, from which defaults follow.
  /// - Throws: The first mistake.
  package static func parse(
    _ arguments: [String], cores: Int
  ) throws(UsageError) -> Invocation {
    try parse(arguments, operandsMax: 0, cores: cores).invocation
  }

  /// Reads flags among which other arguments may be, such as file names.
  ///
  /// - Parameters:
  ///   - operandsMax: The most arguments that are not flags.
  ///   - table: All flags of the command.
  package static func parse(
    _ arguments: [String], operandsMax: Int, cores: Int, flags table: FlagTable = .daemon
  ) throws(UsageError) -> (invocation: Invocation, operands: [String]) {
    var options = Options(
      cores: cores, compatibleWith: Compatibility.named(in: arguments),
      hasMapping: Compatibility.hasMapping(in: arguments))
    var arguments = Arguments(arguments, operandsMax: operandsMax, flags: table)
    var earlier: [String: [String]] = [:]
    while let (flag, value) = try arguments.next() {
      switch flag.kind {
      case .request(.version): return (.version, arguments.operands)
      case .request(.help): return (.help, arguments.operands)
      case .value, .optionalValue, .toggle: break
      }
      guard earlier[flag.name] == nil || flag.isRepeatable else {
        throw UsageError("--\(flag.name) is given twice; leave one of them out")
      }
      try flag.set(value, earlier[flag.name] ?? [], &options)
      earlier[flag.name, default: []].append(value)
    }
    try options.checkObservations()
    try options.checkRules()
    try options.checkPush()
    try options.checkForward()
    try options.checkCluster()
    try options.checkState()
    try options.checkCloudWatch()
    try options.checkSend()
    try options.checkTap()
    try options.checkConnection()
    return (.run(options), arguments.operands)
  }
}
