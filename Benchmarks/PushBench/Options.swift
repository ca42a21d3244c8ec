import BenchmarkKit

/// Which cases one run measures, and how often.
struct Options: Equatable, Sendable {
  static let seriesMax = 1_000_000
  static let instancesMax = 10_000
  static let roundsMax = 10_000

  var series = [1_000, 100_000]
  /// Nil for all kinds together.
  var kinds: [Series.Kind?] = [.counter, .histogram, nil]
  var instances = [1]
  var rounds = 15
  /// The least number of records in one round.
  var recordsPerRound = 200_000
  var json = false
  var help = false

  static let usage = """
    usage: PushBench [flags]

    Measures decode and apply of pushed totals in one process, without sockets, and checks them.

      --series=1000,100000  series of each instance; a case each
      --kinds=counter,histogram,all
                            kinds of series; a case each. all is of ten five counters, four
                            histograms and a gauge
      --instances=1         instances with the same series; a case each
      --rounds=15           timed rounds, after one that makes the series and warms up
      --short               few records a round and three rounds: a test, not a measurement
      --json                print one JSON object a case in place of the table
      --help                print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--series": series = try flag.numbers(1...Self.seriesMax)
    case "--kinds": kinds = try Self.kinds(flag.text())
    case "--instances": instances = try flag.numbers(1...Self.instancesMax)
    case "--rounds": rounds = try flag.number(1...Self.roundsMax)
    case "--short": if try flag.turnsOn() { (rounds, recordsPerRound) = (3, 5_000) }
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "PushBench")
    }
  }

  private static func kinds(_ text: String) throws(UsageError) -> [Series.Kind?] {
    var kinds: [Series.Kind?] = []
    for word in text.split(separator: ",") {
      if let kind = Series.Kind(rawValue: String(word)) {
        kinds.append(kind)
      } else if word == "all" {
        kinds.append(nil)
      } else {
        throw UsageError(sentence: "--kinds=\(word) is none of counter, gauge, histogram and all.")
      }
    }
    return kinds
  }
}
