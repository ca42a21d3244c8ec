import CLinux
import Glibc

@testable import WeirSockets

/// A UDP sender like those of applications.
final class Sender {
  let raw: Int32
  let address: SocketAddress

  /// A sender that is connected to `target`.
  init(to target: SocketAddress) throws {
    let raw = try connectedSocket(to: target, type: SOCK_DGRAM)
    self.raw = raw
    var storage = sockaddr_storage()
    var bytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let named = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &bytes) }
    }
    guard named == 0, let own = SocketAddress(storage) else {
      throw SystemError.last(.getsockname)
    }
    address = own
  }

  deinit { close(raw) }

  /// Whether the kernel accepted the datagram.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    Glibc.send(raw, bytes, bytes.count, 0) == bytes.count
  }
}

/// A blocking socket connected to `target`.
func connectedSocket(to target: SocketAddress, type: __socket_type) throws -> Int32 {
  let raw = socket(target.kernelFamily, Int32(type.rawValue), 0)
  var storage = target.storage
  let status = withUnsafePointer(to: &storage) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(raw, $0, target.kernelLength)
    }
  }
  guard raw >= 0, status == 0 else { throw SystemError.last(.socket) }
  return raw
}

/// A received datagram, copied out of its batch.
struct Datagram: Hashable {
  var bytes: [UInt8]
  var sender: SocketAddress
}

/// Waits until the socket is readable, at most ten seconds.
func waitReadable(_ raw: Int32) -> Bool {
  var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
  return poll(&entry, 1, 10_000) == 1
}

/// Receives batches until there are `wanted` datagrams, or none arrives for ten seconds.
func receive(
  _ wanted: Int, from socket: borrowing UDPSocket, by batch: inout DatagramBatch
) throws -> [Datagram] {
  var found: [Datagram] = []
  while found.count < wanted, waitReadable(socket.descriptor.raw) {
    for index in 0..<(try batch.receive(from: socket)) {
      let bytes = batch.bytes
      let start = batch.start(of: index)
      let datagram = (start..<start + batch.length(of: index)).map { bytes[$0] }
      found.append(Datagram(bytes: datagram, sender: batch.sender(of: index)))
    }
  }
  return found
}

/// The description of the error that `body` throws; nil if it does not throw.
func sentence(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

struct Missing: Error {}

/// Like `#require`, for noncopyable values.
func required<T: ~Copyable>(_ value: consuming T?) throws -> T {
  guard let value else { throw Missing() }
  return value
}
