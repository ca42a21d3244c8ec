import WeirBytes

/// Several UDP sockets at one address, over which the kernel spreads the senders.
///
/// A sender (its address and port) always reaches the same socket, so that one sender's datagrams
/// stay in order. The group shares its port among its own sockets (`SO_REUSEPORT`) and with nobody
/// who binds as this module does: the first socket is bound without the option, which the kernel
/// refuses when anyone has the port, and gets it afterwards, so that the others may join. Without
/// that, a second process started by mistake would silently take half of the datagrams.
package struct UDPGroup: ~Copyable, Sendable {
  /// Where the sockets are bound, with the port that the kernel chose when 0 was asked.
  package let address: SocketAddress
  /// The receive buffer granted to each socket; see `UDPSocket.receiveBufferBytes`.
  package let receiveBufferBytes: Int
  /// The sockets not yet taken. A box each, for an array cannot hold what cannot be copied.
  private var waiting: [Box]

  private final class Box: Sendable {
    private let socket: Locked<UDPSocket?>
    init(_ socket: consuming UDPSocket) { self.socket = Locked(socket) }
    func take() -> UDPSocket? { socket.withLock { $0.take() } }
  }

  /// Binds `receivers` sockets, all or none.
  ///
  /// - Parameter isIPv6Only: Whether `[::]` leaves IPv4 to another socket.
  /// - Precondition: 1 to `SocketLimits.receiversMax` receivers.
  /// - Throws: `ListenError`, also when another process has the port.
  package static func bind(
    to address: SocketAddress, isIPv6Only: Bool = false, receivers: Int = 1,
    readBufferBytes: Int? = nil, flag: String
  ) throws(ListenError) -> UDPGroup {
    precondition((1...SocketLimits.receiversMax).contains(receivers), "receivers out of range")
    do throws(SystemError) {
      let first = try UDPSocket.bind(
        to: address, isIPv6Only: isIPv6Only, readBufferBytes: readBufferBytes,
        sharing: receivers == 1 ? .exclusive : .first)
      let bound = first.address
      let granted = first.receiveBufferBytes
      var boxes = [Box(first)]
      while boxes.count < receivers {
        boxes.append(
          Box(
            try UDPSocket.bind(
              to: bound, isIPv6Only: isIPv6Only, readBufferBytes: readBufferBytes,
              sharing: .another)))
      }
      return UDPGroup(address: bound, receiveBufferBytes: granted, waiting: boxes)
    } catch {
      throw ListenError(address: address, cause: error, flag: flag)
    }
  }

  /// Hands over the next socket; nil when all are taken. Those never taken close with the group.
  package mutating func next() -> UDPSocket? {
    waiting.popLast()?.take()
  }
}
