import WeirSockets

/// One address or path that Weir receives StatsD at: what its receivers and sockets count.
struct Listener: Sendable {
  /// What comes in.
  enum Transport: String, Sendable {
    case udp
    case tcp
    case unixgram
    case unix
  }

  /// Where it is bound.
  let name: SocketName
  let transport: Transport
  /// The receive buffer that the kernel granted each socket, in bytes; nil except for UDP.
  var receiveBufferBytes: Int?
  /// One for each receiver.
  var meters: [IngestMeter] = []
  /// One for each socket, of UDP only.
  var drops: [DropCounter] = []
  /// What its connections do; nil where datagrams come in.
  var connections: StreamMeter?

  /// The sum over its receivers.
  var totals: IngestTotals {
    var sum = meters.reduce(into: IngestTotals()) { $0.add($1.reading) }
    // The messages of a stream are what happened to be read at once.
    if connections != nil { sum.datagrams = 0 }
    return sum
  }

  /// Datagrams that the kernel dropped at this address.
  var dropped: UInt64 { drops.reduce(0) { $0 + $1.read() } }
}
