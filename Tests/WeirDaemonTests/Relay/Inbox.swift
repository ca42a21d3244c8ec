import Glibc
import WeirSockets

/// A Unix datagram socket that keeps what it receives.
final class Inbox {
  private let raw: Int32
  private let path: String

  /// - Parameter path: Where it is bound; a socket that is there is replaced.
  init(at path: String) {
    self.path = path
    raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    unlink(path)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(raw >= 0 && status == 0, "no socket at \(path)")
  }

  deinit { close(raw) }

  /// The next datagram; nil if none arrives for some time.
  func next(withinMilliseconds limit: Int32 = 10_000) -> String? {
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, limit) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(raw, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
