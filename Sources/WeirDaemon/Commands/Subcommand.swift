import WeirConfiguration

/// A subcommand of `weir`: a row of the table in `Subcommand.all`.
package struct Subcommand: Sendable {
  /// What the arguments after its name ask for.
  enum Request: Sendable {
    /// Print its help text.
    case help
    /// Print Weir's version.
    case version
    /// Print the text.
    case print(String)
    case run(@Sendable () async throws -> Void)
  }

  let name: String
  /// The arguments after the name: `[<flags>] [<file> ...]`; empty if there are none.
  let arguments: String
  /// What it does, in a sentence of `weir --help`.
  let summary: String
  /// The text of `weir NAME --help` after the usage; it ends with a newline.
  let details: String
  /// The exit status after a wrong command line.
  var misuseStatus: Int32 = Command.misuseStatus
  /// Reads the arguments after the name.
  ///
  /// `cores` is the number of the machine's processor cores, from which defaults follow.
  let read: @Sendable (_ arguments: [String], _ cores: Int) throws(UsageError) -> Request

  /// Every subcommand, in the order of `weir --help`.
  static let all: [Subcommand] = [
    checkConfig, cluster, completion, explain, forget, health, help, man, record, replay, send,
    state, tap, top, version,
  ]

  static func named(_ name: String) -> Subcommand? { all.first { $0.name == name } }

  /// How it is written: `check-config [<flags>]`.
  var usage: String { arguments.isEmpty ? name : "\(name) \(arguments)" }

  /// The text of `weir NAME --help`.
  var helpText: String { "usage: weir \(usage)\n\n\(details)" }
}

extension Subcommand {
  /// Reads the flags of the daemon.
  ///
  /// - Parameters:
  ///   - operandsMax: The most arguments that are not flags.
  ///   - action: What to do with the options and the arguments that are not flags.
  static func daemonFlags(
    operandsMax: Int = 0,
    _ action: @escaping @Sendable (_ options: Options, _ operands: [String]) async throws -> Void
  ) -> @Sendable ([String], Int) throws(UsageError) -> Request {
    { arguments, cores throws(UsageError) in
      let (invocation, operands) = try Invocation.parse(
        arguments, operandsMax: operandsMax, cores: cores)
      switch invocation {
      case .help: return .help
      case .version: return .version
      case .run(let options): return .run { try await action(options, operands) }
      }
    }
  }
}
