import WeirConfiguration

/// What a command line of `weir` asks for.
package enum Command: Sendable {
  /// Print the text, which ends with a newline, and exit.
  case print(String)
  /// Run a subcommand and exit.
  case run(@Sendable () async throws -> Void)
  /// Receive and serve until a signal.
  case serve(Options)

  /// The exit status after a wrong command line.
  package static let misuseStatus: Int32 = 2

  /// Reads the arguments after the program's name: those of a subcommand if the first is not a
  /// flag, else the flags of the daemon.
  ///
  /// - Parameter cores: The machine's processor cores, from which defaults follow.
  package static func parse(_ arguments: [String], cores: Int) throws(UsageError) -> Command {
    guard let name = arguments.first, !name.hasPrefix("-") else {
      switch try Invocation.parse(arguments, cores: cores) {
      case .help: return .print(helpText(cores: cores))
      case .version: return .print(versionText)
      case .run(let options) where options.checksOnly:
        return .run {
          for line in try ConfigCheck.run(options, files: []) { Swift.print(line) }
        }
      case .run(let options): return .serve(options)
      }
    }
    let subcommand = try subcommand(name)
    switch try subcommand.read(Array(arguments.dropFirst()), cores) {
    case .help: return .print(subcommand.helpText)
    case .version: return .print(versionText)
    case .print(let text): return .print(text)
    case .run(let action): return .run(action)
    }
  }

  /// The arguments after the program's name, with the `--compat` that this name implies, unless it is given.
  ///
  /// - Precondition: there is a name.
  package static func arguments(of commandLine: [String]) -> [String] {
    var arguments = Array(commandLine.dropFirst())
    let isGiven = arguments.contains { $0 == "--compat" || $0.hasPrefix("--compat=") }
    let name = commandLine[0].split(separator: "/").last.map(String.init) ?? ""
    guard let program = Compatibility(rawValue: name), !isGiven else { return arguments }
    var place = 0
    if let first = arguments.first, !first.hasPrefix("-") {
      // Other subcommands have other flags.
      guard [Subcommand.checkConfig, .explain].contains(where: { $0.name == first }) else {
        return arguments
      }
      place = 1
    }
    arguments.insert("--compat=\(program.rawValue)", at: place)
    return arguments
  }

  /// The exit status if these arguments turn out to be wrong.
  package static func misuseStatus(of arguments: [String]) -> Int32 {
    arguments.first.flatMap(Subcommand.named)?.misuseStatus ?? misuseStatus
  }

  static func subcommand(_ name: String) throws(UsageError) -> Subcommand {
    if let subcommand = Subcommand.named(name) { return subcommand }
    let names = Subcommand.all.map(\.name)
    let remedy =
      EditDistance.nearest(to: name, among: names).map { "did you mean \($0)?" }
      ?? "see weir --help for commands and flags"
    throw UsageError("\(name.quoted) is not a command of weir; \(remedy)")
  }

  static func helpText(cores: Int) -> String {
    Help.text(
      cores: cores, commands: Subcommand.all.map { ($0.usage, $0.summary) })
  }

  static var versionText: String { "weir \(Version.current)\n" }
}
