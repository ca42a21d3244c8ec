import BenchmarkKit

/// Which cases one run measures, and how often.
struct Options: Equatable, Sendable {
  static let seriesMax = 1_000_000
  static let roundsMax = 1_000

  var series = [1_000, 100_000, 1_000_000]
  var kinds: [Series.Kind] = [.counter, .histogram]
  /// Of every hundred series, how many change between two cuts.
  var changed = [100, 1]
  var rounds = 7
  /// Whether reading is measured, and not writing.
  var restore = false
  var json = false
  var help = false

  static let usage = """
    usage: StateBench [flags]

    Measures what is copied and encoded for the state file, in memory, and checks it.

      --series=1000,100000,1000000
                            number of series; a case each
      --kinds=counter,histogram
                            kinds of series; a case each
      --changed=100,1       of every hundred series, how many change between two cuts
      --rounds=7            timed cuts; one before them writes everything
      --restore             measures reading and restoring the file instead
      --short               two rounds: a test, not a measurement
      --json                print one JSON object a case in place of the table
      --help                print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--series": series = try flag.numbers(1...Self.seriesMax)
    case "--kinds": kinds = try Self.kinds(flag.text())
    case "--changed": changed = try flag.numbers(1...100)
    case "--rounds": rounds = try flag.number(1...Self.roundsMax)
    case "--short": if try flag.turnsOn() { rounds = 2 }
    case "--restore": restore = try flag.turnsOn()
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "StateBench")
    }
  }

  private static func kinds(_ text: String) throws(UsageError) -> [Series.Kind] {
    var kinds: [Series.Kind] = []
    for word in text.split(separator: ",") {
      guard let kind = Series.Kind(rawValue: String(word)) else {
        throw UsageError(sentence: "--kinds=\(word) is none of counter, gauge and histogram.")
      }
      kinds.append(kind)
    }
    return kinds
  }
}
