import WeirSockets

/// One UDP address that is listened on: what its receivers and sockets count, for scrapes.
struct Listener: Sendable {
  /// The address as it was bound.
  let address: SocketAddress
  /// Receive buffer that the kernel granted each socket, in bytes.
  let receiveBufferBytes: Int
  /// One a receiver.
  var meters: [IngestMeter] = []
  /// One a socket.
  var drops: [DropCounter] = []

  /// What its receivers have taken in together.
  var totals: IngestTotals { meters.reduce(into: IngestTotals()) { $0.add($1.reading) } }

  /// Datagrams that the kernel threw away at this address.
  var dropped: UInt64 { drops.reduce(0) { $0 + $1.read() } }
}
