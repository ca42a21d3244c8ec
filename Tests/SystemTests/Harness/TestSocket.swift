import Foundation

/// `host:port` as the server's log gives it, split where sockets want it split.
struct HostPort {
  let host: String
  let port: UInt16

  init(_ text: String) throws {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw HarnessError("\(text) is not host:port.") }
    host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    self.port = port
  }
}

/// A blocking socket of a test, whose reads give up after ten seconds.
final class TestSocket {
  enum Transport {
    case udp, tcp

    var type: Int32 { Int32((self == .udp ? SOCK_DGRAM : SOCK_STREAM).rawValue) }
  }

  let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  deinit {
    close(descriptor)
  }

  /// Connects to a numeric address.
  static func connect(
    _ transport: Transport, _ address: String, receiveBuffer: Int32? = nil
  ) throws -> TestSocket {
    try open(transport, address) { descriptor, target, length in
      if var receiveBuffer {
        setsockopt(
          descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer,
          socklen_t(MemoryLayout<Int32>.size))
      }
      return Glibc.connect(descriptor, target, length)
    }
  }

  /// Occupies an address, so that nobody else can have it.
  static func occupy(_ transport: Transport, _ address: String) throws -> TestSocket {
    try open(transport, address) { descriptor, target, length in
      let code = bind(descriptor, target, length)
      return code == 0 && transport == .tcp ? listen(descriptor, 1) : code
    }
  }

  private static func open(
    _ transport: Transport, _ address: String,
    _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> TestSocket {
    let target = try HostPort(address)
    var hints = addrinfo()
    hints.ai_socktype = transport.type
    hints.ai_flags = AI_NUMERICHOST
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(target.host, String(target.port), &hints, &list)
    guard code == 0, let found = list?.pointee, let place = found.ai_addr else {
      throw HarnessError("\(address) is not a numeric address.")
    }
    defer { freeaddrinfo(list) }
    let type = found.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
    let socket = TestSocket(descriptor: Glibc.socket(found.ai_family, type, 0))
    guard use(socket.descriptor, place, found.ai_addrlen) == 0 else {
      throw HarnessError("\(address): \(String(cString: strerror(errno))).")
    }
    return socket
  }

  /// `127.0.0.1:40123`, this end of a loopback connection.
  var localAddress: String {
    get throws {
      var storage = sockaddr_in6()
      var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      let code = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          getsockname(descriptor, $0, &length)
        }
      }
      guard code == 0 else { throw HarnessError("The socket has no address.") }
      // Family and port lie at the same place in both kinds of address; tests use loopback only.
      let port = UInt16(bigEndian: storage.sin6_port)
      return storage.sin6_family == AF_INET6 ? "[::1]:\(port)" : "127.0.0.1:\(port)"
    }
  }

  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  /// One datagram, or the whole of a stream's bytes.
  func send(_ bytes: [UInt8]) throws {
    var written = 0
    repeat {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + written }, $0.count - written,
          Int32(MSG_NOSIGNAL))
      }
      guard count >= 0 else { throw HarnessError("send: \(String(cString: strerror(errno))).") }
      written += count
    } while written < bytes.count
  }

  /// Sends no more; the peer sees the end of the stream.
  func finishSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// What has come, nothing at the end of the stream.
  func receive(atMost limit: Int = 1 << 16) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &bytes, limit, 0)
    guard count >= 0 else { throw HarnessError("recv: \(String(cString: strerror(errno))).") }
    return Array(bytes[..<count])
  }

  /// True once a read would not wait.
  func isReadable(within seconds: Double) -> Bool {
    var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    return Glibc.poll(&descriptors, 1, Int32(seconds * 1_000)) == 1
  }
}
