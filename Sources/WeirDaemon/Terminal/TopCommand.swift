import Glibc
import WeirConfiguration
import WeirInsight
import WeirTerminal

extension Subcommand {
  /// `weir top`
  static let top = Subcommand(
    name: "top", arguments: "[<flags>]",
    summary: "Shows what a running weir receives, loses and keeps, in the terminal.",
    details: """
      Shows what is wrong and what to do, what arrives and is lost, the last five minutes, and the busiest
      names, the busiest senders or the limits. Keys: 1 2 3 choose the table, p pauses, ? shows help, q
      quits, Ctrl-Z stops it until fg.

      Without a terminal, or with --once, it prints once and exits.

      The exit status is 0; with --once it is 1 if a finding says that data is lost. It is 2 after a
      mistake on the command line, and 3 if weir can't be asked or nothing can be printed.

      Flags, besides those of weir (see weir --help):
      \(Help.ownFlags(of: .top).dropLast())

      """,
    read: { arguments, cores throws(UsageError) in
      let (invocation, _) = try Invocation.parse(
        arguments, operandsMax: 0, cores: cores, flags: .top)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      return .run { try await CommandFailure.asking { try await TopCommand.run(options) } }
    })
}

/// `weir top`: asks for the status and shows it.
enum TopCommand {
  static func run(_ options: Options, to output: CommandOutput = CommandOutput()) async throws {
    let question = StatusQuestion(try WeirConnection(options))
    if options.top.isJSON {
      try await printJSON(question, options.top, output)
    } else if options.top.isOnce || !RawTerminal.isUsable {
      try printOnce(question, options, output)
    } else {
      let first = try question.ask()
      let signals = try await SignalWatch([
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT,
      ])
      try await TopScreen(question, first, options.top, signals, output).run()
    }
  }

  private static func printOnce(
    _ question: StatusQuestion, _ options: Options, _ output: CommandOutput
  ) throws {
    let answer = try question.ask()
    try output.write(TopFrame.onceText(answer, isUTF8: EnvironmentVariable.isUTF8))
    try check(answer)
  }

  /// Nothing is wrong with the command, so that it says nothing.
  private static func check(_ answer: StatusAnswer) throws {
    if answer.findings.contains(where: { $0.level == .bad }) {
      throw CommandFailure.trouble("data is lost; see the findings")
    }
  }

  private static func printJSON(
    _ question: StatusQuestion, _ top: Options.Top, _ output: CommandOutput
  ) async throws {
    while true {
      let body = try question.body()
      let answer = try question.read(body)
      try output.write(StatusQuestion.line(body) + "\n")
      if top.isOnce { return try check(answer) }
      try await Task.sleep(for: .milliseconds(top.intervalMilliseconds))
    }
  }
}
