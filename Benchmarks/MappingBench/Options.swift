import BenchmarkKit

/// How much one run measures.
struct Options: Equatable, Sendable {
  static let seriesMax = 100_000
  static let namesMax = 50_000
  static let roundsMax = 10_000

  /// Series of the lines that are known.
  var series = 1_000
  /// Lines that each case takes in during a round.
  var lines = 500_000
  /// How often all is made anew, so that the figures do not depend on where it is in memory.
  var setups = 5
  var rounds = 9
  /// New names of a round.
  var names = 20_000
  var json = false
  var help = false

  static let usage = """
    usage: MappingBench [flags]

    Measures, in one process and on one thread, what mapping rules cost on a line that is known and on a
    name that is new, and checks the totals and the rules that were used. The file has 1,000 globs and 100
    regular expressions.

      --series=1000     series of the known lines
      --setups=5        how often everything is made anew
      --rounds=9        timed rounds of each, after one that warms up; the cases take turns
      --names=20000     new names in a round
      --short           little of everything: a test, not a measurement
      --json            print one JSON object a case in place of the tables
      --help            print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--series": series = try flag.number(1...Self.seriesMax)
    case "--setups": setups = try flag.number(1...Self.roundsMax)
    case "--rounds": rounds = try flag.number(1...Self.roundsMax)
    case "--names": names = try flag.number(1...Self.namesMax)
    case "--short":
      if try flag.turnsOn() { (lines, setups, rounds, names) = (20_000, 1, 2, 1_000) }
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "MappingBench")
    }
  }
}
