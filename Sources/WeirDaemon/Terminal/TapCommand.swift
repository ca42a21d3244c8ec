import WeirConfiguration

extension Subcommand {
  /// `weir tap`
  static let tap = Subcommand(
    name: "tap", arguments: "[<flags>]",
    summary: "Shows lines as a running weir receives or refuses them.",
    details: """
      Shows the time, the sender and the line; with --refused also the reason. Lines that match and
      are not shown, because there are more than --rate, are counted. Ctrl-C ends it.

      The exit status is 0 if a line was shown, 1 if none was, 2 after a mistake on the command line,
      and 3 if weir can't be asked or nothing can be printed.

      Flags, besides those of weir (see weir --help):
      \(Help.ownFlags(of: .tap).dropLast())

      """,
    read: { arguments, cores throws(UsageError) in
      let (invocation, _) = try Invocation.parse(
        arguments, operandsMax: 0, cores: cores, flags: .tap)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      return .run { try await CommandFailure.asking { try await TapRun(options).run() } }
    })
}
