/// The limits of this module.
package enum SocketLimits {
  /// The largest payload of a UDP datagram over IPv4: 65,535 minus the IP header (20) and the UDP
  /// header (8).
  package static let datagramBytesMax = 65_507

  /// The largest receive buffer that can be requested, because the kernel doubles it into an Int32.
  package static let receiveBufferBytesMax = Int(Int32.max) / 2

  /// Datagrams received by one system call. Above 64 the cost of the call is no longer measurable.
  package static let batchDatagramsDefault = 64

  /// Datagrams in a batch: the limit of recvmmsg(2) (UIO_MAXIOV).
  package static let batchDatagramsMax = 1_024

  /// Sockets that share one UDP address. Each has a thread and a buffer. More sockets than cores
  /// have no advantage, and few machines have more cores than this.
  package static let receiversMax = 256

  /// Connections in the kernel's backlog, waiting for accept: enough for a burst of clients.
  package static let backlogConnectionsMax: Int32 = 1_024
}
