/// The arguments of a command line, read one flag with its value at a time.
struct Arguments {
  private var rest: ArraySlice<String>
  private let table: FlagTable
  private let operandsMax: Int
  /// The arguments that are not flags.
  private(set) var operands: [String] = []

  /// - Parameter operandsMax: The most arguments that are not flags.
  init(_ arguments: [String], operandsMax: Int = 0, flags table: FlagTable = .daemon) {
    rest = arguments[...]
    self.table = table
    self.operandsMax = operandsMax
  }

  /// The next flag and its value; nil at the end of the command line.
  ///
  /// The value of a toggle is `true` or `false`, that of a request is empty.
  mutating func next() throws(UsageError) -> (flag: Flag, value: String)? {
    while operandsMax > 0, let operand = rest.first, !operand.hasPrefix("-"), !operand.isEmpty {
      guard operands.count < operandsMax else {
        throw UsageError(
          "there are more than \(operandsMax) arguments that are no flags; leave some of them out")
      }
      operands.append(operand)
      rest.removeFirst()
    }
    guard let argument = rest.popFirst() else { return nil }
    guard argument != "--" else {
      throw UsageError("-- separates nothing here; leave it out")
    }
    guard argument.hasPrefix("-"), argument != "-" else {
      throw UsageError(
        "\(argument.quoted) is not a flag; see \(table.program) --help for the flags")
    }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelling = String(parts[0])
    let attached = parts.count == 2 ? String(parts[1]) : nil
    guard let flag = table[spelling] else { throw table.unknown(spelling) }
    return (flag, try value(of: flag, spelled: spelling, attached: attached))
  }

  private mutating func value(
    of flag: Flag, spelled spelling: String, attached: String?
  ) throws(UsageError) -> String {
    switch flag.kind {
    case .value(let metavariable, _):
      if let attached { return attached }
      // An argument that looks like a flag is probably one. `=` is there for the rest.
      guard let next = rest.first, !next.hasPrefix("--"), table[next] == nil else {
        throw UsageError("\(spelling) has no value; write \(spelling)=\(metavariable)")
      }
      rest.removeFirst()
      return next
    case .optionalValue(_, let alone, _):
      return attached ?? alone
    case .toggle:
      if attached != nil {
        throw UsageError(
          "\(spelling) takes no value; write --\(flag.name) to turn it on, "
            + "--no-\(flag.name) to turn it off")
      }
      return spelling == "--\(flag.name)" ? "true" : "false"
    case .request:
      if attached != nil {
        throw UsageError("\(spelling) takes no value; write \(spelling) alone")
      }
      return ""
    }
  }
}
