// Safety: accept4 fills a local sockaddr_storage and gets its size.

import CLinux
import Glibc

extension FileDescriptor {
  /// The next connection in the backlog of a listening stream socket; nil if there is none.
  ///
  /// Connections that failed in the backlog are skipped.
  ///
  /// - Throws: `SystemError`. After EMFILE or ENFILE the connection stays in the backlog, so an
  ///   immediate retry would be a busy loop.
  borrowing func acceptStream() throws(SystemError) -> TCPStream? {
    while true {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout.size(ofValue: storage))
      let accepted = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
        unsafe accept4(
          raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length,
          Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
      }
      if accepted >= 0 {
        let peer = SocketAddress(storage)?.unmapped ?? .any4(port: 0)
        let stream = TCPStream(descriptor: FileDescriptor(owning: accepted), peer: peer)
        // Without it, each of several short responses would wait for the peer's delayed
        // acknowledgement of the previous one. An error means a broken connection, which later
        // calls report, or a Unix socket.
        try? stream.descriptor.set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        return stream
      }
      switch errno {
      case EAGAIN: return nil
      // accept(2): these errors concern the connection, not the listener.
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
        EOPNOTSUPP, ENETUNREACH, EPERM:
        continue
      default: throw .last(.accept4)
      }
    }
  }

  /// Ends the listening of a stream socket, in all processes that have it: connecting fails from now on, and
  /// connections in the backlog are reset.
  package borrowing func stopListening() { _ = shutdown(raw, Int32(SHUT_RD)) }

  /// Connections that are accepted before others of the same queue get their turn.
  package static var acceptsPerTurn: Int { 64 }

  /// Accepts the connections that wait in the backlog, at most `acceptsPerTurn`.
  ///
  /// - Parameters:
  ///   - spare: Released to accept one more connection when no descriptor is left.
  ///   - failed: Called when accepting failed, most likely because no descriptor is left. It may
  ///     close some.
  ///   - take: Gets each connection.
  package borrowing func acceptWaiting(
    spare: inout SpareDescriptor, failed: () -> Void, take: (consuming TCPStream) -> Void
  ) -> AcceptTurn {
    for _ in 0..<Self.acceptsPerTurn {
      do throws(SystemError) {
        guard let stream = try acceptStream() else { return .allAccepted }
        take(stream)
      } catch {
        failed()
        guard spare.isHeld else { return .mustPause }
        spare.release()
      }
    }
    return .moreMayWait
  }
}

/// How a turn of accepting ended.
package enum AcceptTurn: Sendable {
  /// The backlog is empty.
  case allAccepted
  case moreMayWait
  /// No descriptor is left. The connections in the backlog keep the socket readable, so an immediate
  /// retry would be a busy loop.
  case mustPause
}

extension DescriptorLimit {
  /// Whether a descriptor is one of the last available ones.
  ///
  /// The kernel assigns the lowest free number. The last few must stay free because Dispatch opens
  /// a file for each of its threads once a second, and ends the process if it cannot.
  ///
  /// - Parameter others: How many more have to stay free, for what is more important.
  package static func isAlmostReached(by descriptor: Int32, leaving others: Int = 0) -> Bool {
    guard let limit = try? current() else { return false }
    return Int(descriptor) >= limit - keptFree - others
  }

  private static var keptFree: Int { 8 }
}
