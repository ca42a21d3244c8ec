import WeirSockets

/// One UDP address that Weir listens on: what its receivers and sockets count.
struct Listener: Sendable {
  /// The bound address.
  let address: SocketAddress
  /// The receive buffer that the kernel granted each socket, in bytes.
  let receiveBufferBytes: Int
  /// One for each receiver.
  var meters: [IngestMeter] = []
  /// One for each socket.
  var drops: [DropCounter] = []

  /// The sum over its receivers.
  var totals: IngestTotals { meters.reduce(into: IngestTotals()) { $0.add($1.reading) } }

  /// Datagrams that the kernel dropped at this address.
  var dropped: UInt64 { drops.reduce(0) { $0 + $1.read() } }
}
