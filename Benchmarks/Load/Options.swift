import BenchmarkKit

/// What one run sends, where, how fast, and for how long.
struct Options: Equatable, Sendable {
  /// A run always ends by itself.
  static let secondsMax = 600
  /// Payloads are made before the clock starts; a million series are about 80 MB of them.
  static let seriesMax = 1_000_000
  /// Each socket is a source port; more would only measure the kernel's port table.
  static let socketsMax = 1_000
  /// The loopback of a fast machine carries a few million.
  static let datagramsPerSecondMax = 10_000_000
  /// More than any run of `secondsMax` can send.
  static let datagramsMax = 1_000_000_000
  /// A longer tick would send bursts.
  static let tickMicrosecondsMax = 1_000_000

  var address = "127.0.0.1:8125"
  var allowRemote = false
  /// 0 sends as fast as possible.
  var datagramsPerSecond = 10_000
  var packing = Payload.Packing.lines(1)
  var series = 1_000
  /// Nil mixes them.
  var kind: Series.Kind?
  var sockets = 1
  var seconds = 10
  /// The run ends after this many datagrams, unless its time is over before.
  var datagrams: Int?
  var seed: UInt64 = 1
  /// Datagrams of one length that the kernel is given as one message; nil sends each alone.
  var segments: Int?
  /// How long due datagrams wait for others; 0 sends each when it is due, and keeps a core busy.
  var tickMicroseconds = 1_000
  /// The page to compare with what was sent.
  var check: String?
  var json = false
  var help = false

  static let usage = """
    usage: Load [flags]

    Sends labelled DogStatsD lines over UDP at a fixed pace and, with --check, compares what was
    sent with what the server shows. It assumes that nobody else sends to that server meanwhile.

      --address=127.0.0.1:8125      where to send
      --allow-remote                permit an address that is not this machine's loopback
      --datagrams-per-second=10000  the pace, whatever the server does; 0 is as fast as possible
      --lines-per-datagram=1        lines in every datagram, or
      --datagram-bytes=N            as many whole lines as fit into N bytes
      --series=1000                 distinct series
      --kind=mixed                  half counters, four tenths histograms, the rest gauges; or all
                                    counter, histogram or gauge
      --tick-microseconds=1000      gather what is due for this long, to spare the sender; 0 spaces
                                    datagrams evenly, and takes a whole core for it
      --segments=N                  give the kernel N datagrams at once, padded to one length
                                    (UDP_SEGMENT); 1 sends the same ones apart
      --sockets=1                   sending sockets, used in turn
      --seconds=10                  ends the run; 600 at most
      --datagrams=N                 ends the run sooner; without --seconds, after 600 s
      --seed=1                      orders the series and picks the values
      --check=URL                   e.g. http://127.0.0.1:9102/metrics; exit status 1 if it differs
      --json                        print one JSON object in place of the table
      --help                        print this
    """
}

extension Options {
  /// Throws `UsageError` for an unknown flag, a missing value, a number out of its range, or two
  /// ways of packing at once.
  static func parse(_ arguments: some Sequence<String>) throws(UsageError) -> Options {
    let flags = arguments.map(Flag.init)
    var options = Options()
    for flag in flags { try options.set(flag) }
    let given = Set(flags.map(\.name))
    if given.isSuperset(of: ["--lines-per-datagram", "--datagram-bytes"]) {
      throw UsageError(sentence: "Give --lines-per-datagram or --datagram-bytes, not both.")
    }
    if given.contains("--datagrams") && !given.contains("--seconds") {
      options.seconds = secondsMax
    }
    return options
  }

  private mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--address": address = try flag.text()
    case "--check": check = try flag.text()
    case "--datagrams-per-second":
      datagramsPerSecond = try flag.number(0...Self.datagramsPerSecondMax)
    case "--lines-per-datagram":
      packing = .lines(try flag.number(1...Payload.datagramBytesMax))
    case "--datagram-bytes": packing = .bytes(try flag.number(1...Payload.datagramBytesMax))
    case "--series": series = try flag.number(1...Self.seriesMax)
    case "--kind": kind = try flag.kind()
    case "--tick-microseconds": tickMicroseconds = try flag.number(0...Self.tickMicrosecondsMax)
    case "--segments": segments = try flag.number(1...DatagramRing.segmentsMax)
    case "--sockets": sockets = try flag.number(1...Self.socketsMax)
    case "--seconds": seconds = try flag.number(1...Self.secondsMax)
    case "--datagrams": datagrams = try flag.number(1...Self.datagramsMax)
    case "--seed": seed = UInt64(try flag.number(0...Int.max))
    case "--allow-remote": allowRemote = try flag.turnsOn()
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "Load")
    }
  }
}
