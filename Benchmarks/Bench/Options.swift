import BenchmarkKit

/// Which cases one run measures, and how often.
struct Options: Equatable, Sendable {
  /// Weir's default limit; the payload of as many series is about 80 MB.
  static let seriesMax = 1_000_000
  /// Each thread has its own router; more threads than cores only take turns.
  static let threadsMax = 64
  /// The slowest case takes half a second a round.
  static let roundsMax = 10_000

  var series = [1_000, 100_000]
  var packings = [Payload.Packing.lines(1), .frame]
  var rounds = 15
  var threads = [1, 2]
  /// The least number of lines that each thread takes in during a round.
  var linesPerRound = 500_000
  var apart = false
  var marks = false
  var json = false
  var help = false

  static let usage = """
    usage: Bench [flags]

    Measures decode, route and apply in one process, without sockets, and checks the totals.

      --series=1000,100000  distinct series; a case each
      --lines=1,packed      lines in every datagram; packed is what fits into a frame
                            (\(Payload.Packing.frameBytes) bytes, about 18 lines); a case each
      --threads=1,2         threads with a router each, over the same series; a case each
      --apart               each thread has shards of its own, as if they were merged at the scrape
      --rounds=15           timed rounds, after one that makes the series and warms up
      --short               few lines a round and three rounds: a test, not a measurement
      --marks               say on standard error when the rounds begin and end; for one case
      --json                print one JSON object a case in place of the table
      --help                print this
    """
}

extension Options: FlagOptions {
  func check() throws(UsageError) {
    if marks && series.count * packings.count * threads.count > 1 {
      throw UsageError(
        sentence: "--marks is for one case; give one --series, --lines and --threads with it.")
    }
  }

  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--series": series = try flag.numbers(1...Self.seriesMax)
    case "--lines": packings = try flag.packings()
    case "--threads": threads = try flag.numbers(1...Self.threadsMax)
    case "--rounds": rounds = try flag.number(1...Self.roundsMax)
    case "--short": if try flag.turnsOn() { (rounds, linesPerRound) = (3, 20_000) }
    case "--apart": apart = try flag.turnsOn()
    case "--marks": marks = try flag.turnsOn()
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "Bench")
    }
  }
}
