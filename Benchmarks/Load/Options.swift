import BenchmarkPayload

/// What one run sends, where, how fast, and for how long.
struct Options: Equatable, Sendable {
  /// A run ends by itself, whatever else it was told.
  static let secondsMax = 600
  /// Payloads are made before the clock starts; a million series are about 80 MB of them.
  static let seriesMax = 1_000_000
  /// Each socket is a source port; more would only measure the port table.
  static let socketsMax = 1_000
  /// Past this a pace is a wish: the loopback of a fast machine carries a few million.
  static let datagramsPerSecondMax = 10_000_000
  /// More than any run of `secondsMax` can send.
  static let datagramsMax = 1_000_000_000

  var address = "127.0.0.1:8125"
  var allowRemote = false
  /// 0 sends as fast as it goes.
  var datagramsPerSecond = 10_000
  var packing = Payload.Packing.lines(1)
  var series = 1_000
  var sockets = 1
  var seconds = 10
  /// The run ends after so many datagrams, if that comes before its seconds are over.
  var datagrams: Int?
  var seed: UInt64 = 1
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
      --datagrams-per-second=10000  the pace, whatever the server does; 0 is as fast as it goes
      --lines-per-datagram=1        lines in every datagram, or
      --datagram-bytes=N            as many whole lines as fit into N bytes
      --series=1000                 distinct series: half counters, four tenths histograms, gauges
      --sockets=1                   sending sockets, used in turn
      --seconds=10                  ends the run; 600 at most
      --datagrams=N                 ends the run sooner; without --seconds, 600 s bound it
      --seed=1                      orders the series and picks the values
      --check=URL                   e.g. http://127.0.0.1:9102/metrics; exit status 1 if it differs
      --json                        print one JSON object in place of the table
      --help                        print this
    """
}
