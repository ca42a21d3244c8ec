import Foundation

/// A socket that sends datagrams from an address of its choice, or to a path.
final class SourceSocket {
  private let descriptor: Int32

  /// One of UDP over IPv4 that is bound to `source`, and sends to `target`.
  init(from source: String, to target: String) throws {
    let target = try HostPort(target)
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard use(SourceSocket.address(source, 0), bind),
      use(SourceSocket.address(target.host, target.port), connect)
    else { throw HarnessError("\(source): \(String(cString: strerror(errno))).") }
  }

  /// One that sends to a Unix datagram socket.
  init(toPath path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    guard use(address, connect) else {
      throw HarnessError("\(path): \(String(cString: strerror(errno))).")
    }
  }

  deinit { close(descriptor) }

  private static func address(_ host: String, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return address
  }

  private func use<Address>(
    _ address: Address, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Bool {
    var address = address
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
      }
    }
  }

  func send(_ text: String) throws {
    let count = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    guard count == text.utf8.count else {
      throw HarnessError("send: \(String(cString: strerror(errno))).")
    }
  }
}
