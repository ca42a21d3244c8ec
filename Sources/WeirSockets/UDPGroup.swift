import WeirBytes

/// Several UDP sockets at one address. The kernel distributes the senders among them.
///
/// All datagrams of one sender (address and port) go to the same socket and stay in order. The
/// sockets share the port with each other (`SO_REUSEPORT`) but not with other processes. The first
/// socket is bound without the option, so the kernel refuses a port in use. The option is set after
/// that, so the others can join. Otherwise a second process that is started by mistake would
/// silently receive half of the datagrams.
///
/// ```
/// socket 0:  bind ──▶ set SO_REUSEPORT     the bind fails if any process has the port
/// socket 1:  set SO_REUSEPORT ──▶ bind     joins socket 0
/// socket 2:  set SO_REUSEPORT ──▶ bind
/// ```
package struct UDPGroup: ~Copyable, Sendable {
  /// The address of all sockets. A requested port 0 is replaced by the kernel's choice.
  package let address: SocketAddress
  /// The receive buffer granted to each socket; see `UDPSocket.receiveBufferBytes`.
  package let receiveBufferBytes: Int
  /// The sockets that `next` has not returned yet. Boxed because an array cannot hold noncopyable
  /// values.
  private var waiting: [Box]

  private final class Box: Sendable {
    private let socket: Locked<UDPSocket?>
    init(_ socket: consuming UDPSocket) { self.socket = Locked(socket) }
    func take() -> UDPSocket? { socket.withLock { $0.take() } }
  }

  /// Binds `receivers` sockets or none.
  ///
  /// - Parameters:
  ///   - isIPv6Only: Whether `[::]` does not accept IPv4.
  ///   - readBufferBytes: The receive buffer to request; nil keeps the system's default.
  ///   - flag: The command-line option that gave the address, for the error message.
  /// - Precondition: `receivers` is 1 to `SocketLimits.receiversMax`.
  /// - Throws: `ListenError`, also if another process has the port.
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

  /// Sockets of one address that were handed over.
  ///
  /// - Precondition: There is at least one, and all are of the kind `.udp`.
  package static func taking(_ handed: [HandedSocket], readBufferBytes: Int?) -> UDPGroup {
    guard let address = handed.first?.name.address else { preconditionFailure("no UDP socket") }
    var granted = Int.max
    var boxes: [Box] = []
    for handed in handed {
      let socket = handed.takeUDP(readBufferBytes: readBufferBytes)
      granted = min(granted, socket.receiveBufferBytes)
      boxes.append(Box(socket))
    }
    return UDPGroup(address: address, receiveBufferBytes: granted, waiting: boxes)
  }

  /// Removes and returns the next socket; nil if there are no more. The rest is closed with the
  /// group.
  package mutating func next() -> UDPSocket? {
    waiting.popLast()?.take()
  }
}
