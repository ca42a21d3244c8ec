import Glibc
import WeirBytes
import WeirConfiguration
import WeirMapping

extension Subcommand {
  /// `weir explain`
  static let explain = Subcommand(
    name: "explain", arguments: "[<flags>] [<line> ...]",
    summary: "Says how lines would be read, by which mapping rule, and which series come of them.",
    details: """
      Reads each line as a weir with these flags would, and says what it holds, which rule of
      --statsd.mapping-config it goes by, and which series come of it; or which byte is wrong, and
      why. No server is needed, and none is asked. Without a line as an argument, it reads lines from
      standard input.

        weir explain --statsd.mapping-config=mapping.yml 'airflow.dag.etl.load:93|ms'

      With --cloudwatch it shows what a weir with these flags would push to AWS CloudWatch of what comes
      of the lines, or of a page that a running weir serves, and what that costs in a month. Nothing is
      sent.

        curl -s 127.0.0.1:9102/metrics | weir explain --cloudwatch \\
          --cloudwatch.namespace=Gateway --cloudwatch.include='llm_*' --cloudwatch.dimensions=provider

      The exit status is 0 if all lines are accepted, 1 if one is refused, or a file is wrong, or there
      are more metrics than --cloudwatch.max-metrics allows, and 2 after a mistake in the flags.

      """,
    read: { arguments, cores throws(UsageError) in
      let explainsCloudWatch = arguments.contains("--cloudwatch")
      let arguments = arguments.filter { $0 != "--cloudwatch" }
      let (invocation, lines) = try Invocation.parse(
        arguments, operandsMax: ExplainCommand.linesMax, cores: cores)
      switch invocation {
      case .help: return .help
      case .version: return .version
      case .run(let options):
        guard !explainsCloudWatch || options.cloudWatch.namespace != nil else {
          throw UsageError(
            "--cloudwatch is given without --cloudwatch.namespace; add it, with --cloudwatch.include"
          )
        }
        return .run {
          signal(SIGPIPE, SIG_IGN)
          if explainsCloudWatch {
            do { try CloudWatchExplanation.run(options, lines) } catch is CommandOutput.Closed {}
            return
          }
          do { try ExplainCommand.run(options, lines) } catch is CommandOutput.Closed {}
        }
      }
    })
}

/// `weir explain`: shows what becomes of lines.
enum ExplainCommand {
  /// Lines that are given as arguments.
  static let linesMax = 1_000

  /// Why the status is 1, when everything is said already.
  struct Refused: Error, CustomStringConvertible {
    let count: Int
    var description: String { "\(CountText.counted(count, "line is", "lines are")) refused" }
  }

  /// - Parameter lines: None to read the input.
  /// - Throws: `FileMistake`, `Refused`, `CommandOutput.Closed`, `StartError`.
  static func run(
    _ options: Options, _ lines: [String], from input: LineInput = LineInput(),
    to output: CommandOutput = CommandOutput()
  ) throws {
    let mapping = try options.statsd.mappingFile.map { file throws(FileMistake) in
      try MappingFile.load(file)
    }
    for warning in mapping?.warnings ?? [] { try output.write("warning: \(warning)\n") }
    let reading = LineExplanation.Reading(options, mapping: mapping?.rules)
    var refused = 0
    func explain(_ line: [UInt8]) throws {
      let explanation = LineExplanation(line, reading)
      try output.write(ShownText.of(line) + "\n")
      for sentence in explanation.sentences { try output.write("  \(sentence)\n") }
      if !explanation.isAccepted { refused += 1 }
    }
    if lines.isEmpty {
      var input = input
      while let line = try input.next() { try explain(line) }
    } else {
      for line in lines { try explain(Array(line.utf8)) }
    }
    if refused > 0 { throw Refused(count: refused) }
  }
}
