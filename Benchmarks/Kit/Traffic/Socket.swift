// Safety: the list of `getaddrinfo` is read only before `freeaddrinfo` and nothing points into it
// afterwards. Reads and writes pass a pointer and count taken from one Swift array for the length
// of one call.
import Glibc

/// One connected socket, closed by `deinit`.
package struct Socket: ~Copyable, Sendable {
  package enum Transport {
    case udp, tcp

    fileprivate var type: Int32 {
      Int32((self == .udp ? SOCK_DGRAM : SOCK_STREAM).rawValue)
    }
  }

  /// No healthy server takes longer to answer.
  static let answerSecondsMax = 20

  let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Connects to the first address of `host` that accepts.
  ///
  /// Throws `RunError` for a name without an address, for an address that is not loopback where
  /// only loopback is allowed, and for a refused connection.
  package static func connect(
    _ transport: Transport, to endpoint: Endpoint, loopbackOnly: Bool
  ) throws(RunError) -> Socket {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = transport.type
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
    guard code == 0 else {
      throw unsafe RunError("\(endpoint): \(String(cString: gai_strerror(code))).")
    }
    defer { unsafe freeaddrinfo(list) }
    var refusal = RunError("\(endpoint) has no address.")
    var candidate = unsafe list
    while let address = unsafe candidate {
      defer { unsafe candidate = address.pointee.ai_next }
      guard unsafe !loopbackOnly || isLoopback(address.pointee.ai_addr) else {
        refusal = RunError(
          "\(endpoint) is not this machine's loopback; give --allow-remote if you mean it.")
        continue
      }
      let descriptor = unsafe socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
      guard descriptor >= 0 else {
        refusal = RunError("Cannot open a socket", errno: errno)
        continue
      }
      let opened = Socket(descriptor: descriptor)
      let (target, length) = unsafe (address.pointee.ai_addr, address.pointee.ai_addrlen)
      if unsafe Glibc.connect(descriptor, target, length) == 0 { return opened }
      refusal = RunError("Cannot connect to \(endpoint)", errno: errno)
    }
    throw refusal
  }

  /// 127.0.0.0/8 and ::1.
  private static func isLoopback(_ address: UnsafeMutablePointer<sockaddr>?) -> Bool {
    guard let address = unsafe address else { return false }
    // The family says which of the two structures it is.
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
      return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        unsafe UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
      }
    case AF_INET6:
      return unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        let octets = unsafe $0.pointee.sin6_addr
        return unsafe withUnsafeBytes(of: octets) {
          unsafe $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1
        }
      }
    default: return false
    }
  }

  /// Cuts everything that is sent into datagrams of this many bytes; the last may be shorter.
  ///
  /// Linux' segmentation offload (UDP_SEGMENT of udp(7)), which Glibc's module does not show.
  package func segmentSends(intoBytes length: Int) throws(RunError) {
    let (level, option) = (Int32(IPPROTO_UDP), Int32(103))
    var length = Int32(length)
    let size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe setsockopt(descriptor, level, option, &length, size) == 0 else {
      throw RunError("This kernel does not cut buffers into datagrams", errno: errno)
    }
  }

  /// Reads and writes give up after `answerSecondsMax`.
  package func limitWaiting() {
    var limit = timeval(tv_sec: Self.answerSecondsMax, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  package func write(_ bytes: [UInt8]) throws(RunError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe send(
          descriptor, $0.baseAddress! + written, $0.count - written, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw RunError("Cannot write the request", errno: errno) }
      written += count
    }
  }

  /// Appends what has arrived to `bytes`; false at the end of the stream.
  package func read(into bytes: inout [UInt8], chunk: inout [UInt8]) throws(RunError) -> Bool {
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw RunError("Cannot read the answer", errno: errno) }
      bytes += chunk[..<count]
      return count > 0
    }
  }
}
