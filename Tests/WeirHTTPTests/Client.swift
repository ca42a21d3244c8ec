import Dispatch
import Glibc
import Synchronization
import WeirSockets

@testable import WeirHTTP

/// An error of a test client.
struct ClientError: Error, CustomStringConvertible {
  let description: String
}

/// A response as received.
struct Received: Equatable {
  var status: Int
  var headers: HTTPHeaders
  var body: [UInt8]
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A blocking client that sends raw bytes. Use it only in `onThread`.
final class Client: Sendable {
  let raw: Int32
  private let input = Mutex<[UInt8]>([])
  /// SOCK_STREAM.
  private static let streamType: Int32 = 1

  init(_ target: SocketAddress, receiveBufferBytes: Int32? = nil) throws {
    raw = socket(Int32(target.kernelFamily), Self.streamType, 0)
    var timeout = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      raw, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(
      raw, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var on: Int32 = 1
    setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    if var receiveBufferBytes { setsockopt(raw, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, 4) }
    var storage = target.storage
    let status = withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(raw, $0, target.kernelLength)
      }
    }
    guard raw >= 0, status == 0 else { throw ClientError(description: "connect: errno \(errno)") }
  }

  /// Enlarges the receive buffer.
  func setReceiveBuffer(bytes: Int32) {
    var bytes = bytes
    setsockopt(raw, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
  }

  deinit { close(raw) }

  /// Sends all bytes; false if the connection is broken.
  @discardableResult
  func send(_ bytes: some Sequence<UInt8>) -> Bool {
    var rest = ArraySlice(Array(bytes))
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(text.utf8) }

  /// Closes the sending side.
  func finishSending() { shutdown(raw, Int32(SHUT_WR)) }

  /// Reads at most `count` bytes; empty at the end of the stream.
  func read(_ count: Int = 65_536) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let got = recv(raw, buffer.baseAddress, count, 0)
      if got < 0 && errno != ECONNRESET {
        throw ClientError(description: "recv: errno \(errno)")
      }
      filled = max(got, 0)
    }
  }

  /// Reads to the end of the stream.
  func readToEnd() throws -> [UInt8] {
    var all = input.withLock { $0 }
    while case let bytes = try read(), !bytes.isEmpty { all += bytes }
    return all
  }

  /// Reads to the end of the stream or to an error. `error` is the errno, or 0 at the end.
  func readToError() throws -> (bytes: [UInt8], error: Int32) {
    var all = input.withLock { $0 }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = recv(raw, &buffer, buffer.count, 0)
      if got <= 0 { return (all, got == 0 ? 0 : errno) }
      all += buffer[..<got]
    }
  }

  /// The next response. `isHead` means that it has no body, because the request was HEAD.
  func response(isHead: Bool = false) throws -> Received {
    try input.withLock { input in
      while true {
        if let response = Self.take(from: &input, isHead: isHead) { return response }
        let bytes = try read()
        guard !bytes.isEmpty else {
          throw ClientError(
            description: "the stream ended after \(input.count) bytes of a response")
        }
        input += bytes
      }
    }
  }

  private static func take(from input: inout [UInt8], isHead: Bool) -> Received? {
    guard let end = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: input[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    var headers = HTTPHeaders()
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      headers.add(String(parts[0]), String(parts[1]))
    }
    if !isHead, headers["Transfer-Encoding"] == "chunked" {
      guard let (body, end) = chunks(input[end.upperBound...]) else { return nil }
      input.removeFirst(end)
      return Received(
        status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers, body: body)
    }
    let length = isHead ? 0 : headers["Content-Length"].flatMap { Int($0) } ?? 0
    guard input.count >= end.upperBound + length else { return nil }
    let body = Array(input[end.upperBound..<end.upperBound + length])
    input.removeFirst(end.upperBound + length)
    return Received(
      status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers, body: body)
  }

  /// The chunked body at the start of `input`, and its end; nil if it is incomplete.
  private static func chunks(_ input: ArraySlice<UInt8>) -> (body: [UInt8], end: Int)? {
    var body: [UInt8] = []
    var rest = input
    let newline = Array("\r\n".utf8)
    while let line = rest.firstRange(of: newline) {
      guard let count = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
        rest.endIndex >= line.upperBound + count + 2
      else { return nil }
      let chunk = rest[line.upperBound..<line.upperBound + count]
      guard rest[chunk.endIndex...].starts(with: newline) else { return nil }
      body += chunk
      rest = rest[(chunk.endIndex + 2)...]
      if count == 0 { return (body, rest.startIndex) }
    }
    return nil
  }

  /// Sends a GET request and returns the response.
  func get(_ path: String, headers: String = "") throws -> Received {
    send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
    return try response()
  }
}

/// Runs blocking work on a separate thread, because the handlers need the threads of the
/// concurrency runtime.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
  }
}

/// Waits until a condition is true, one minute at most.
func eventually(_ condition: @Sendable () async -> Bool) async throws -> Bool {
  for _ in 0..<12_000 {
    if await condition() { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return await condition()
}

/// Sunday, 6 November 1994, 08:49:37: the example of RFC 9110.
let testSeconds: Int64 = 784_111_777

/// Limits for tests. Timeouts are long enough for a slow machine; tests of a timeout set it.
var testLimits: HTTPLimits {
  var limits = HTTPLimits()
  limits.headReadSecondsMax = 120
  limits.writeStallSecondsMax = 120
  limits.responseSecondsMax = 120
  limits.lingerSecondsMax = 0.5
  return limits
}

/// Runs `body` with a server on a free port, and stops the server after it.
func withServer<T>(
  limits: HTTPLimits = testLimits, security: HTTPSecurity = HTTPSecurity(),
  bodyRule: @escaping @Sendable (HTTPRequest) -> HTTPBodyRule? = testRouter.bodyRule,
  handler: @escaping HTTPHandler = { await testRouter.respond(to: $0) },
  _ body: (HTTPServer) async throws -> T
) async throws -> T {
  let server = try HTTPServer(
    addresses: [.loopback(port: 0)], limits: limits, security: security,
    flag: "--web.listen-address",
    unixSeconds: { testSeconds }, bodyRule: bodyRule, handler: handler)
  await server.start()
  do {
    let result = try await body(server)
    await server.stop(graceSeconds: 0)
    return result
  } catch {
    await server.stop(graceSeconds: 0)
    throw error
  }
}

/// The pages of the tests: `/` says hello, `/echo` returns the parsed request, `/big` has 50 MB,
/// and `/push` accepts a body of up to 1 MiB and returns its length and checksum. `/packed` does the same
/// with a body of up to 1,000 bytes that may be compressed, of 100,000 bytes.
let testRouter: HTTPRouter = {
  var router = HTTPRouter()
  router.add("/") { _ in .text("hello\n") }
  router.add("/echo") { request in
    .text(
      "\(request.method) \(request.path) \(request.query ?? "-") \(request.headers["X-N"] ?? "-")")
  }
  router.add("/push", methods: ["POST"], bodyRule: HTTPBodyRule(bytesMax: 1 << 20)) { request in
    .text("\(request.body.count) bytes, \(checksum(request.body))\n")
  }
  let packed = HTTPBodyRule(bytesMax: 1_000, acceptsGzip: true)
  router.add("/packed", methods: ["POST"], bodyRule: packed) { request in
    do throws(HTTPBodyFailure) {
      let body = try request.unpackedBody(bytesMax: 100_000)
      return .text("\(body.count) bytes, \(checksum(body))\n")
    } catch {
      return .error(error.status, error.message)
    }
  }
  router.add("/big") { _ in HTTPResponse(body: [UInt8](repeating: 0x61, count: bigBytes)) }
  return router
}()

/// FNV-1a, which depends on the order of the bytes.
func checksum(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

let bigBytes = 50_000_000

extension HTTPServer {
  nonisolated var address: SocketAddress { boundAddresses[0] }
}
