import BenchmarkKit
import WeirSockets

/// Which cases one run measures, and how often.
struct Options: Equatable, Sendable {
  /// As many series as Weir takes by default; their payload is about 80 MB.
  static let seriesMax = 1_000_000
  /// Each receiver has a thread and a socket; more than cores only take turns.
  static let receiversMax = 64
  static let drainsMax = 10_000

  var series = [1_000, 100_000]
  var packings = [Payload.Packing.lines(1), .frame]
  var receivers = [1, 2]
  /// Times that each consumer empties each number of receivers: packed, some four million lines.
  var drains = 20
  /// The server's own default.
  var readBufferBytes = 16 << 20
  var json = false
  var help = false

  static let usage = """
    usage: Drain [flags]

    Fills the socket buffers of receivers that stand still, and times how fast they empty them, once
    by a loop that only counts (bare) and once by Weir's decode, route and apply. Nothing is sent
    while the clock runs. Both take turns, and so do the numbers of receivers, each with a thread
    and a socket of its own. The totals of every series are checked.

      --series=1000,100000  distinct series; a case each
      --lines=1,packed      lines in every datagram; packed is what fits into a frame
                            (\(Payload.Packing.frameBytes) bytes, about 18 lines); a case each
      --receivers=1,2       receivers at once
      --drains=20           drains by each, on each number of receivers
      --read-buffer=BYTES   receive buffer to ask for, of each socket; \(16 << 20) without it
      --short               one drain by each: a test, not a measurement
      --json                print one JSON object a row in place of the table
      --help                print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--series": series = try flag.numbers(1...Self.seriesMax)
    case "--lines": packings = try flag.packings()
    case "--receivers": receivers = try flag.numbers(1...Self.receiversMax)
    case "--drains": drains = try flag.number(1...Self.drainsMax)
    case "--read-buffer":
      readBufferBytes = try flag.number(1...SocketLimits.receiveBufferBytesMax)
    case "--short": if try flag.turnsOn() { drains = 1 }
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "Drain")
    }
  }
}
