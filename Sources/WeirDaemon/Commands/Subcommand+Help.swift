import WeirConfiguration

extension Subcommand {
  /// `weir help`
  static let help = Subcommand(
    name: "help", arguments: "[<command>]",
    summary: "Shows this help, or that of a command.",
    details: "Shows the help of weir, which lists its flags, or that of a command.\n"
  ) { arguments, cores throws(UsageError) in
    guard let name = arguments.first else { return .print(Command.helpText(cores: cores)) }
    if ["--help", "-h"].contains(name) { return .help }
    guard arguments.count == 1 else {
      throw UsageError("help takes one command; leave the other words out")
    }
    return .print(try Command.subcommand(name).helpText)
  }

  /// `weir version`
  static let version = Subcommand(
    name: "version", arguments: "", summary: "Shows the version.",
    details: "Shows the version.\n"
  ) { arguments, _ throws(UsageError) in
    guard let argument = arguments.first else { return .version }
    if ["--help", "-h"].contains(argument) { return .help }
    throw UsageError("version takes no arguments; leave \(argument.quoted) out")
  }
}
