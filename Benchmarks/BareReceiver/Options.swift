import BenchmarkKit
import WeirSockets

/// Where the receiver listens, and until when.
struct Options: Equatable, Sendable {
  /// A run always ends by itself.
  static let secondsMax = 600
  /// Longer waits would only fill the buffer.
  static let gatherMillisecondsMax = 1_000

  /// The port on the loopback; 0 lets the kernel choose.
  var port = 8_125
  var seconds = secondsMax
  /// The server's own default.
  var readBufferBytes = 16 << 20
  /// How long datagrams may gather in the socket after it was empty.
  var gatherMilliseconds = 0
  var json = false
  var help = false

  static let usage = """
    usage: BareReceiver [flags]

    Receives datagrams on the loopback and only counts them, their bytes and their lines: what the
    kernel takes of a core, beside which every figure of the server is to be read. It ends at
    SIGTERM, SIGINT, or after its seconds, and then prints what it counted.

      --port=8125              UDP port on 127.0.0.1; 0 lets the kernel choose, and its log says
      --seconds=600            ends the run; 600 at most
      --read-buffer=BYTES      receive buffer to ask for; \(16 << 20) without it
      --gather-milliseconds=0  wait after the first datagram, so that more arrive at once
      --json                   print one JSON object in place of the list
      --help                   print this
    """
}

extension Options: FlagOptions {
  mutating func set(_ flag: Flag) throws(UsageError) {
    switch flag.name {
    case "--port": port = try flag.number(0...Int(UInt16.max))
    case "--seconds": seconds = try flag.number(1...Self.secondsMax)
    case "--read-buffer":
      readBufferBytes = try flag.number(1...SocketLimits.receiveBufferBytesMax)
    case "--gather-milliseconds":
      gatherMilliseconds = try flag.number(0...Self.gatherMillisecondsMax)
    case "--json": json = try flag.turnsOn()
    case "--help": help = try flag.turnsOn()
    default: throw flag.unknown(to: "BareReceiver")
    }
  }
}
