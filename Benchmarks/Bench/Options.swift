import BenchmarkPayload

/// Which cases one run measures, and how often.
struct Options: Equatable, Sendable {
  /// As many series as Weir takes by default; their payload is about 80 MB.
  static let seriesMax = 1_000_000
  /// Each thread has a router of its own; more than cores only take turns.
  static let threadsMax = 64
  /// The slowest case takes half a second a round.
  static let roundsMax = 10_000
  /// A full Ethernet frame less the headers of IPv4, UDP and a tunnel: about 18 lines.
  static let datagramBytes = 1_432

  /// Both, unless one is asked for.
  var series = [1_000, 100_000]
  /// One line a datagram, and as many as fit into `datagramBytes`, unless one is asked for.
  var packings = [Payload.Packing.lines(1), .bytes(datagramBytes)]
  var rounds = 15
  var threads = 1
  /// Lines that each thread takes in during a round, at least.
  var linesPerRound = 500_000
  var marks = false
  var json = false
  var help = false

  static let usage = """
    usage: Bench [flags]

    Measures decode, route and apply in one process, without sockets, and checks the totals.

      --series=N    distinct series; without it 1000, then 100000
      --lines=N     lines in every datagram; without it 1, then what fits into \(datagramBytes) bytes
      --rounds=15   timed rounds, after one that makes the series and warms up
      --threads=1   threads with a router each, over the same series
      --short       few lines a round and three rounds: a test that all is well, not a measurement
      --marks       say on standard error when the rounds begin and end; for --series and --lines
      --json        print one JSON object a case in place of the table
      --help        print this
    """
}

extension Options {
  /// Reads `--flag` and `--flag=value`.
  ///
  /// Throws `UsageError` for an unknown flag, a missing value, or a number out of its range.
  static func parse(_ arguments: some Sequence<String>) throws(UsageError) -> Options {
    var options = Options()
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try options.set(String(parts[0]), to: parts.count > 1 ? String(parts[1]) : nil)
    }
    if options.marks && options.series.count * options.packings.count > 1 {
      throw UsageError(sentence: "--marks is for one case; give --series and --lines with it.")
    }
    return options
  }

  private mutating func set(_ flag: String, to value: String?) throws(UsageError) {
    switch (flag, value) {
    case ("--series", let value?): series = [try wholeNumber(flag, value, 1...Self.seriesMax)]
    case ("--lines", let value?):
      packings = [.lines(try wholeNumber(flag, value, 1...Payload.datagramBytesMax))]
    case ("--rounds", let value?): rounds = try wholeNumber(flag, value, 1...Self.roundsMax)
    case ("--threads", let value?): threads = try wholeNumber(flag, value, 1...Self.threadsMax)
    case ("--short", nil): (rounds, linesPerRound) = (3, 20_000)
    case ("--marks", nil): marks = true
    case ("--json", nil): json = true
    case ("--help", nil): help = true
    case ("--series", nil), ("--lines", nil), ("--rounds", nil), ("--threads", nil):
      throw UsageError(sentence: "\(flag) needs a value: \(flag)=N.")
    case ("--short", _), ("--marks", _), ("--json", _), ("--help", _):
      throw UsageError(sentence: "\(flag) takes no value.")
    default: throw UsageError(sentence: "\(flag) is not a flag of Bench; see --help.")
    }
  }
}
