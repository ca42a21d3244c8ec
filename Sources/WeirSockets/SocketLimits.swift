/// The limits of this module, in one place.
package enum SocketLimits {
  /// The largest payload of a UDP datagram over IPv4: 65,535 less 20 of IP and 8 of UDP header.
  package static let datagramBytesMax = 65_507

  /// Receive buffer that the kernel can be asked for: it doubles the number into an Int32.
  package static let receiveBufferBytesMax = Int(Int32.max) / 2

  /// Datagrams taken in by one system call. Past 64 the call's own cost no longer shows.
  package static let batchDatagramsDefault = 64

  /// Datagrams that a batch may hold: what recvmmsg(2) takes at most (UIO_MAXIOV).
  package static let batchDatagramsMax = 1_024

  /// Sockets that may share one UDP address. Each has a thread and a buffer; more than there are
  /// cores gain nothing, and few machines have more than this.
  package static let receiversMax = 256

  /// Connections that the kernel holds ready for accept: a burst of clients, not a load.
  package static let backlogConnectionsMax: Int32 = 1_024
}
