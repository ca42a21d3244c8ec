import WeirConfiguration

extension Subcommand {
  /// `weir completion`
  static let completion = Subcommand(
    name: "completion", arguments: Completion.allCases.map(\.rawValue).joined(separator: "|"),
    summary: "Prints the completion of weir for a shell.",
    details: """
      Prints the completion of commands, flags, and their values:

        source <(weir completion bash)
        weir completion zsh > "${fpath[1]}/_weir"
        weir completion fish > ~/.config/fish/completions/weir.fish

      The Debian package has installed all three.

      """
  ) { arguments, _ throws(UsageError) in
    if arguments.contains(where: { ["--help", "-h"].contains($0) }) { return .help }
    guard arguments.count == 1, let shell = Completion(rawValue: arguments[0]) else {
      throw UsageError("completion takes the name of a shell; write bash, zsh or fish")
    }
    return .print(shell.script(descriptions))
  }

  /// `weir man`
  static let man = Subcommand(
    name: "man", arguments: "", summary: "Prints the manual page of weir.",
    details: """
      Prints the manual page of weir in roff:

        weir man | man -l -

      The Debian package has installed it.

      """
  ) { arguments, cores throws(UsageError) in
    guard let argument = arguments.first else {
      return .print(ManualPage.text(descriptions, version: Version.current, cores: cores))
    }
    if ["--help", "-h"].contains(argument) { return .help }
    throw UsageError("man takes no arguments; leave \(argument.quoted) out")
  }

  /// All subcommands, as completions and the manual page need them.
  private static var descriptions: [CommandDescription] {
    all.map { command in
      let (flags, words, takesFiles): (FlagTable?, [String], Bool) =
        switch command.name {
        case "check-config": (.daemon, [], true)
        case "cluster":
          (.daemon, ClusterAction.allCases.map(\.rawValue) + ["--dry-run", "--from="], false)
        case "completion": (nil, Completion.allCases.map(\.rawValue), false)
        case "explain": (.daemon, ["--cloudwatch"], false)
        case "forget": (.daemon, ["--dry-run"], false)
        case "health": (.daemon, [], false)
        case "help": (nil, all.map(\.name), false)
        case "record": (.record, [], true)
        case "replay": (.replay, [], true)
        case "send": (.send, [], false)
        case "state": (nil, ["check", "dump"], true)
        case "tap": (.tap, [], false)
        case "top": (.top, [], false)
        default: (nil, [], false)
        }
      return CommandDescription(
        name: command.name, usage: command.usage, summary: command.summary,
        details: command.details, flags: flags, words: words, takesFiles: takesFiles)
    }
  }
}
