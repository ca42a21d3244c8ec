/// The flags that a command line may have.
package struct FlagTable: Sendable {
  /// The program as it is called, for sentences about its flags.
  let program: String
  let flags: [Flag]
  /// How many of them, at the end, the daemon does not take.
  private let ownCount: Int
  /// By every way to write them.
  private let spelled: [String: Flag]

  private init(_ own: [Flag], of program: String) {
    let flags = Flag.all + own
    self.flags = flags
    ownCount = own.count
    self.program = program
    spelled = Dictionary(
      uniqueKeysWithValues: flags.flatMap { flag in flag.spellings.map { ($0, flag) } })
  }

  /// The daemon's, which most subcommands take as well.
  package static let daemon = FlagTable([], of: "weir")

  /// Those of `weir send`, which also takes the daemon's.
  package static let send = FlagTable(Flag.send + Flag.connection, of: "weir send")

  /// Those of `weir top`.
  package static let top = FlagTable(Flag.top + Flag.connection, of: "weir top")

  /// Those of `weir tap`.
  package static let tap = FlagTable(Flag.tap + Flag.connection, of: "weir tap")

  /// The flags that the daemon does not take.
  var own: [Flag] { Array(flags.suffix(ownCount)) }

  /// Those of `weir record`, which also takes the daemon's.
  package static let record = FlagTable(Flag.record, of: "weir record")

  /// Those of `weir replay`, which also takes the daemon's.
  package static let replay = FlagTable(Flag.replay, of: "weir replay")

  subscript(spelling: String) -> Flag? { spelled[spelling] }

  /// Whether there is a flag with a name, without dashes.
  package func contains(_ name: String) -> Bool { spelled["--\(name)"] != nil }

  func unknown(_ spelling: String) -> UsageError {
    let candidates = flags.flatMap(\.spellings).filter { $0.hasPrefix("--") }
    let subject = "\(spelling.escaped) is not a flag of \(program)"
    guard let nearest = EditDistance.nearest(to: spelling, among: candidates) else {
      return UsageError("\(subject); see \(program) --help for the flags")
    }
    return UsageError("\(subject); did you mean \(nearest)?")
  }
}
