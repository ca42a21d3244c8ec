import Glibc
import WeirConfiguration
import WeirState

extension Subcommand {
  /// `weir state`
  static let state = Subcommand(
    name: "state", arguments: "check|dump <directory>",
    summary: "Checks a state file, or prints it as text.",
    details: """
      weir state check reads the state file in a directory, says what is in it, and whether anything
      in it is damaged. weir state dump prints it as text, a line for each series. Neither changes
      anything, and both can be used while weir runs.

      The exit status is 0 if the file is whole, 1 if it is damaged, missing or written by a later
      version, and 2 after a wrong command line. Bytes at the end that are not committed are no
      damage: weir was writing them, or was stopped by a crash, and no scrape has shown them.

      """
  ) { arguments, _ throws(UsageError) in
    if arguments.contains(where: { ["--help", "-h"].contains($0) }) { return .help }
    let action: @Sendable (String) throws -> Void
    switch arguments.first {
    case "check": action = StateCommand.check
    case "dump": action = StateCommand.dump
    case let word?: throw UsageError("state: \(word.quoted) is unknown; write check or dump")
    case nil: throw UsageError("state: write check or dump, and the directory")
    }
    if let flag = arguments.dropFirst().first(where: { $0.hasPrefix("-") }) {
      throw UsageError("state: \(flag.quoted) is a flag, which it does not take; leave it out")
    }
    guard arguments.count == 2, !arguments[1].isEmpty else {
      throw UsageError("state \(arguments[0]): give one directory, that of --state.dir")
    }
    let directory = arguments[1]
    return .run {
      // A reader that goes away, such as head(1), is no mistake.
      signal(SIGPIPE, SIG_IGN)
      do { try action(directory) } catch is CommandOutput.Closed {}
    }
  }
}

/// `weir state check` and `weir state dump`.
enum StateCommand {
  /// Says what is in the state file of a directory.
  ///
  /// - Throws: `StateError` if it is not whole, `CommandOutput.Closed`.
  @Sendable
  static func check(_ directory: String) throws { try check(directory, to: CommandOutput()) }

  /// Prints what is in the state file of a directory.
  ///
  /// - Throws: `StateError` if it is not whole, `CommandOutput.Closed`.
  @Sendable
  static func dump(_ directory: String) throws { try dump(directory, to: CommandOutput()) }

  static func check(
    _ directory: String, to output: CommandOutput, at now: timespec = Log.wallClock()
  ) throws {
    let file = try StateReport(directory)
    for line in file.lines(at: now) { try output.write(line + "\n") }
    if let error = file.error { throw error }
  }

  static func dump(_ directory: String, to output: CommandOutput) throws {
    let file = try StateReport(directory)
    try file.writeDump(to: output)
    if let error = file.error { throw error }
  }
}
