/// A bound datagram socket of either kind.
package enum DatagramSocket: ~Copyable, Sendable {
  case udp(UDPSocket)
  case unix(UnixDatagramSocket)

  /// The kernel's number; valid during this value's lifetime.
  package var raw: Int32 {
    switch self {
    case .udp(let socket): socket.descriptor.raw
    case .unix(let socket): socket.descriptor.raw
    }
  }

  /// The socket's file, if this process has made one.
  package var file: UnixSocketFile? {
    switch self {
    case .udp: nil
    case .unix(let socket): socket.file
    }
  }
}

extension DatagramBatch {
  /// Receives the datagrams in the socket's buffer, up to `capacity`, and replaces the previous ones.
  package mutating func receive(
    from socket: borrowing DatagramSocket
  ) throws(SystemError) -> Int {
    switch socket {
    case .udp(let socket): try receive(from: socket)
    case .unix(let socket): try receive(from: socket)
    }
  }
}
