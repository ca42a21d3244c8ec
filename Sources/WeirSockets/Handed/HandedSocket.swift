import CLinux
import Glibc
import WeirBytes

/// A socket that the process which started this one has opened and handed over: systemd, by
/// sd_listen_fds(3), or a program that does the same.
package final class HandedSocket: Sendable {
  package enum Kind: Sendable, Equatable {
    case udp
    case tcp
    case unixgram
    case unix
  }

  package let kind: Kind
  /// The address or path that it is bound to.
  package let name: SocketName
  /// What its descriptor is called, by `FileDescriptorName=` of the unit; empty if it has no name.
  package let label: String
  /// Nil after it was taken.
  private let descriptor: Locked<FileDescriptor?>

  /// Takes ownership of a descriptor that was handed over. One that can't be used is not closed, because it may
  /// be one that this process has opened itself.
  ///
  /// - Throws: `HandedSocketError` if it is not a socket that can be received from.
  package init(_ raw: Int32, label: String) throws(HandedSocketError) {
    guard fcntl(raw, F_GETFD) >= 0 else {
      throw HandedSocketError(raw, label, "is not open; hand over as many as LISTEN_FDS says")
    }
    let descriptor = FileDescriptor(owning: raw)
    do throws(HandedSocketError) {
      (kind, name) = try HandedSocket.kind(of: descriptor, label)
    } catch {
      _ = descriptor.release()
      throw error
    }
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
    self.label = label
    self.descriptor = Locked(descriptor)
  }

  /// What a descriptor is, and where it is bound.
  private static func kind(
    of descriptor: borrowing FileDescriptor, _ label: String
  ) throws(HandedSocketError) -> (Kind, SocketName) {
    let raw = descriptor.raw
    let (type, domain): (Int32, Int32)
    do throws(SystemError) {
      (type, domain) = (try descriptor.value(of: SO_TYPE), try descriptor.value(of: SO_DOMAIN))
    } catch {
      throw HandedSocketError(raw, label, "is no socket; hand over sockets only")
    }
    let isStream = type == Int32(SOCK_STREAM.rawValue)
    guard isStream || type == Int32(SOCK_DGRAM.rawValue) else {
      throw HandedSocketError(
        raw, label,
        "is neither a stream nor a datagram socket; hand over ListenStream= and "
          + "ListenDatagram= only")
    }
    if isStream, (try? descriptor.value(of: SO_ACCEPTCONN)) != 1 {
      throw HandedSocketError(
        raw, label, "is a connection and not a listening socket; write Accept=no")
    }
    switch domain {
    case AF_INET, AF_INET6:
      guard let address = try? descriptor.localAddress(), address.port != 0 else { break }
      return (isStream ? .tcp : .udp, .address(address))
    case AF_UNIX:
      let path = UnixPath.of(raw) ?? (label.isEmpty ? "descriptor-\(raw)" : label)
      return (isStream ? .unix : .unixgram, .path(path))
    default: break
    }
    throw HandedSocketError(
      raw, label, "is not bound to an address or a path; hand over such sockets only")
  }

  /// Gives up ownership of the descriptor.
  ///
  /// - Precondition: It was not taken before.
  private func take() -> FileDescriptor {
    guard let descriptor = descriptor.withLock({ $0.take() }) else {
      preconditionFailure("a handed-over socket has one user")
    }
    return descriptor
  }

  /// - Precondition: It is of the kind `.tcp`, and was not taken before.
  package func takeTCP() -> TCPListener {
    guard kind == .tcp, case .address(let address) = name else { preconditionFailure("no TCP") }
    return TCPListener(address: address, descriptor: take())
  }

  /// - Precondition: It is of the kind `.udp`, and was not taken before.
  func takeUDP(readBufferBytes: Int?) -> UDPSocket {
    guard kind == .udp, case .address(let address) = name else { preconditionFailure("no UDP") }
    return UDPSocket(handed: take(), at: address, readBufferBytes: readBufferBytes)
  }

  /// - Precondition: It is of the kind `.unixgram`, and was not taken before.
  package func takeUnixDatagram() -> UnixDatagramSocket {
    precondition(kind == .unixgram, "no Unix datagram socket")
    return UnixDatagramSocket(descriptor: take(), path: name.description, file: nil)
  }

  /// - Precondition: It is of the kind `.unix`, and was not taken before.
  package func takeUnixListener() -> UnixListener {
    precondition(kind == .unix, "no Unix stream socket")
    return UnixListener(descriptor: take(), path: name.description, file: nil)
  }
}

/// Why a descriptor that was handed over can't be used, as a sentence that says what to do.
package struct HandedSocketError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ raw: Int32, _ label: String, _ rest: String) {
    let name = label.isEmpty ? "" : " (\(label))"
    description = "descriptor \(raw)\(name), which was handed over, \(rest)"
  }
}
