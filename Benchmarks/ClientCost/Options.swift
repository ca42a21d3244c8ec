import BenchmarkKit

/// How often one run measures, and how much.
struct Options: Equatable, Sendable {
  var rounds = 15
  /// Records of each thread in a round.
  var records = 5_000_000
  var threads = [1, 2]
  var marks = false
  var json = false
  var help = false

  static let usage = """
    usage: ClientCost [flags]

    Measures what an application pays to record a value through WeirClient, beside a plain atomic
    addition, and checks that all was counted.

      --threads=1,2         threads that record into the same series; a case each
      --records=5000000     records of each thread in a round
      --rounds=15           timed rounds, after one to warm up
      --short               few records and three rounds: a test, not a measurement
      --marks               say on standard error when the rounds begin and end; the client has no
                            thread then, which would do something in between
      --json                print one JSON object a case in place of the table
      --help                print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--threads": threads = try flag.numbers(1...64)
    case "--records": records = try flag.number(1...1_000_000_000)
    case "--rounds": rounds = try flag.number(1...10_000)
    case "--short": if try flag.turnsOn() { (rounds, records) = (3, 20_000) }
    case "--marks": marks = try flag.turnsOn()
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "ClientCost")
    }
  }
}
