import Glibc
import WeirConfiguration
import WeirMapping

extension Subcommand {
  /// `weir send`
  static let send = Subcommand(
    name: "send", arguments: "[<flags>] [<address>] [<line> ...]",
    summary: "Sends lines, or a demo, and says whether they have arrived.",
    details: """
      Reads each line as a weir with these flags would and says what comes of it, as weir explain
      does. Then it sends the lines and asks weir until it shows them. Without a line as an
      argument, it reads lines from standard input.

        weir send 'llm_requests_total:1|c|#provider:openai'

      The address is HOST:PORT, or the path of a Unix datagram socket; without it, lines go to the
      first address of --statsd.listen-udp. Refused lines are not sent.

      The exit status is 0 if everything has arrived, 1 if a line is refused or has not arrived, 2
      after a mistake on the command line, and 3 if weir can't be reached.

      Flags, besides those of weir (see weir --help):
      \(Help.ownFlags(of: .send).dropLast())

      """,
    read: { arguments, cores throws(UsageError) in
      let (invocation, operands) = try Invocation.parse(
        arguments, operandsMax: SendCommand.operandsMax, cores: cores, flags: .send)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      let plan = try SendPlan(options, operands, isTerminal: isatty(STDIN_FILENO) == 1)
      return .run {
        signal(SIGPIPE, SIG_IGN)
        do { try await SendCommand.run(plan) } catch is CommandOutput.Closed {}
      }
    })
}

/// What a command line of `weir send` asks for.
struct SendPlan: Sendable {
  let options: Options
  let target: SendTarget
  /// None to read the input, and for a demo.
  let lines: [String]

  /// - Parameter isTerminal: Whether the input is a terminal.
  init(_ options: Options, _ operands: [String], isTerminal: Bool) throws(UsageError) {
    self.options = options
    let first = operands.first.flatMap { SendTarget.isAddress($0) ? $0 : nil }
    lines = Array(first == nil ? operands[...] : operands.dropFirst())
    // One that was mistyped would send the lines somewhere else.
    if first == nil, lines.count > 1, let wrong = lines.first, !wrong.contains("|") {
      throw UsageError(
        "send: \(wrong.quoted) is neither an address nor a line; write HOST:PORT, the path of a socket, "
          + "or name:value|type")
    }
    if let first {
      target = SendTarget(operand: first)
    } else {
      target = try SendTarget(options.statsd)
    }
    if options.send.demo != nil, let line = lines.first {
      throw UsageError("send: a demo takes no lines; leave \(line.quoted) out, or --demo")
    }
    if options.send.demo == nil, let first, lines.isEmpty, isTerminal {
      throw UsageError(
        "send: there is no line, because \(first.quoted) is read as the address; write lines after it"
      )
    }
    if options.send.pushes, case .unix = target {
      throw UsageError("send: --push goes by UDP; write HOST:PORT as the address")
    }
  }
}

/// `weir send`: sends lines or a demo, and looks for them in Weir.
enum SendCommand {
  /// The address, and lines that are given as arguments.
  static let operandsMax = 1_001

  static func run(
    _ plan: SendPlan, from input: LineInput = LineInput(),
    to output: CommandOutput = CommandOutput()
  ) async throws {
    let send = plan.options.send
    let reader =
      send.checks
      ? try MetricsReader(plan.options, environmentURL: WeirConnection.environmentURL())
      : nil
    if send.demo != nil {
      try await DemoRun(plan, reader, output).run()
      return
    }
    var sending = try LineSending(plan, reader, output)
    if plan.lines.isEmpty {
      try await sending.send(from: input)
    } else {
      try await sending.send(plan.lines.map { Array($0.utf8) })
    }
    try sending.finish()
  }

  /// The mapping file of the flags, whose warnings are printed.
  static func mapping(
    _ options: Options, _ output: CommandOutput
  ) throws -> MappingRules? {
    let mapping = try options.statsd.mappingFile.map { file throws(FileMistake) in
      try MappingFile.load(file)
    }
    for warning in mapping?.warnings ?? [] { try output.write("warning: \(warning)\n") }
    return mapping?.rules
  }
}
