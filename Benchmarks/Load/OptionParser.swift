import BenchmarkPayload

extension Options {
  /// Reads `--flag=value` and `--flag value`.
  ///
  /// Throws `UsageError` for an unknown flag, a missing value, a number out of its range, or two
  /// ways of packing at once.
  static func parse(_ arguments: [String]) throws(UsageError) -> Options {
    var options = Options()
    var given: Set<String> = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = String(parts[0])
      given.insert(flag)
      if try options.turnOn(flag, hasValue: parts.count > 1) { continue }
      guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
        throw UsageError(sentence: "\(flag) needs a value; see --help.")
      }
      try options.set(flag, to: value)
    }
    if given.contains("--lines-per-datagram") && given.contains("--datagram-bytes") {
      throw UsageError(sentence: "Give --lines-per-datagram or --datagram-bytes, not both.")
    }
    if given.contains("--datagrams") && !given.contains("--seconds") {
      options.seconds = secondsMax
    }
    return options
  }

  /// Turns a switch on; false for a flag that takes a value.
  private mutating func turnOn(_ flag: String, hasValue: Bool) throws(UsageError) -> Bool {
    switch flag {
    case "--allow-remote": allowRemote = true
    case "--json": json = true
    case "--help": help = true
    default: return false
    }
    if hasValue { throw UsageError(sentence: "\(flag) takes no value.") }
    return true
  }

  private mutating func set(_ flag: String, to value: String) throws(UsageError) {
    switch flag {
    case "--address": address = value
    case "--check": check = value
    case "--datagrams-per-second":
      datagramsPerSecond = try wholeNumber(flag, value, 0...Self.datagramsPerSecondMax)
    case "--lines-per-datagram":
      packing = .lines(try wholeNumber(flag, value, 1...Payload.datagramBytesMax))
    case "--datagram-bytes":
      packing = .bytes(try wholeNumber(flag, value, 1...Payload.datagramBytesMax))
    case "--series": series = try wholeNumber(flag, value, 1...Self.seriesMax)
    case "--sockets": sockets = try wholeNumber(flag, value, 1...Self.socketsMax)
    case "--seconds": seconds = try wholeNumber(flag, value, 1...Self.secondsMax)
    case "--datagrams": datagrams = try wholeNumber(flag, value, 1...Self.datagramsMax)
    case "--seed": seed = UInt64(try wholeNumber(flag, value, 0...Int.max))
    default: throw UsageError(sentence: "\(flag) is not a flag of Load; see --help.")
    }
  }
}
