import Foundation

/// A Unix datagram socket at a path of its own, which keeps what it receives.
final class UnixInbox {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "weir-inbox-\(UUID().uuidString.prefix(8))").path
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw HarnessError("\(path): \(String(cString: strerror(errno))).") }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The next datagram.
  func next(within seconds: Double = 15) throws -> String {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Int32(seconds * 1_000)) == 1 else {
      throw HarnessError("Nothing arrived at \(path) within \(seconds) s.")
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }

  /// The next datagram that begins so; others are left out.
  func next(_ start: String) throws -> String {
    while true {
      let text = try next()
      if text.hasPrefix(start) { return text }
    }
  }
}
