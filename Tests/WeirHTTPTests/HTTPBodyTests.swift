import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

/// Accepted request bodies over real connections.
@Suite(.serialized)
struct HTTPBodyTests {
  private static let hundred: @Sendable (HTTPRequest) -> HTTPBodyRule? = { _ in
    HTTPBodyRule(bytesMax: 100)
  }

  private static func post(_ headers: String, path: String = "/push") -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n"
  }

  private static func answer(to body: [UInt8]) -> String {
    "\(body.count) bytes, \(checksum(body))\n"
  }

  /// A body in chunks of `size` bytes.
  private static func chunked(_ body: [UInt8], by size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: body.count, by: size) {
      let chunk = body[start..<min(start + size, body.count)]
      bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }

  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
  }

  @Test func `the handler gets the complete body, sent with a length or in chunks`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        for count in [0, 1, 16_384, 65_537, 1 << 20] {
          let body = Self.bytes(count)
          client.send(Self.post("Content-Length: \(count)"))
          client.send(body)
          #expect(try client.response().text == Self.answer(to: body))
          client.send(Self.post("Transfer-Encoding: Chunked"))
          client.send(Self.chunked(body, by: 10_000))
          #expect(try client.response().text == Self.answer(to: body))
        }
      }
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }

  @Test func `a pipelined request after a body is answered after it`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        let body = Array("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let both =
          Array(Self.post("Content-Length: \(body.count)").utf8) + body
          + Array(Self.post("Transfer-Encoding: chunked").utf8) + Self.chunked(body, by: 3)
        client.send(Array(repeatElement(both, count: 50).joined()))
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<100 { #expect(try client.response().text == Self.answer(to: body)) }
        #expect(try client.response().text == "hello\n")
      }
      #expect(server.statistics.requestsByStatus == [200: 101])
    }
  }

  @Test func `a client that sends Expect gets 100 Continue or an error`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
          client.send(Self.post("Expect: 100-Continue\r\n\(framing)"))
          let interim = try client.response()
          #expect(interim == Received(status: 100, headers: [:], body: []))
          client.send(
            framing.hasPrefix("C") ? Array("hello".utf8) : Self.chunked(Array("hello".utf8), by: 2))
          #expect(try client.response().text == Self.answer(to: Array("hello".utf8)))
        }
        // A client that does not wait gets no 100 Continue.
        client.send(Self.post("Expect: 100-continue\r\nContent-Length: 5") + "hello")
        #expect(try client.response().status == 200)
        client.send(Self.post("Expect: 100-continue\r\nContent-Length: 0"))
        #expect(try client.response().status == 200)
        client.send(Self.post("Expect: 100-continue\r\nContent-Length: 1048577"))
        #expect(try client.response().status == 413)
        #expect(try client.readToEnd().isEmpty)
      }
      #expect(server.statistics.responsesAbandoned == 0)
    }
  }

  private static let length =
    "the request does not give the length of its body; send a Content-Length"
  private static let size = "a chunk does not start with its size in hexadecimal digits"
  private static let coding = "Content-Encoding is not supported; send the body uncompressed"

  private static let onlyChunked = "the only supported Transfer-Encoding is chunked"
  private static let tooLong = "the request body exceeds 1048576 bytes; send a smaller one"

  /// Requests after which the connection must be closed.
  private static let hostile: [Malformed] = [
    Malformed(post("X: y"), 411, length),
    Malformed("POST /push HTTP/1.0\r\n\r\n", 411, length),
    Malformed(post("Content-Length: 1048577"), 413, tooLong),
    Malformed(post("Content-Length: 9223372036854775807"), 413, tooLong),
    Malformed(
      post("Content-Length: 99999999999999999999"), 400,
      "the Content-Length header is not a number of bytes"),
    Malformed(
      post("Content-Length: 1, 1"), 400, "the Content-Length header is not a number of bytes"),
    Malformed(
      post("Content-Length: 1\r\nContent-Length: 1"), 400,
      "the request has more than one Content-Length header"),
    Malformed(
      post("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400,
      "the request has both Content-Length and Transfer-Encoding; send one"),
    Malformed(
      post("Transfer-Encoding: chunked\r\nContent-Length: 0"), 400,
      "the request has both Content-Length and Transfer-Encoding; send one"),
    Malformed(
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400,
      "the request has more than one Transfer-Encoding header"),
    Malformed(post("Transfer-Encoding: gzip, chunked"), 501, onlyChunked),
    Malformed(post("Transfer-Encoding: identity"), 501, onlyChunked),
    Malformed(post("Transfer-Encoding: xchunked"), 501, onlyChunked),
    Malformed(post("Transfer-Encoding:"), 501, onlyChunked),
    Malformed(
      "POST /push HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
      "HTTP/1.0 has no Transfer-Encoding; send a Content-Length"),
    Malformed(post("Content-Encoding: gzip\r\nContent-Length: 1"), 415, coding),
    Malformed(post("Content-Encoding: identity, br\r\nContent-Length: 1"), 415, coding),
    Malformed(
      post("Expect: something\r\nContent-Length: 1"), 417,
      "the only supported Expect is 100-continue"),
    Malformed(post("Transfer-Encoding: chunked") + "5 \r\nhello\r\n0\r\n\r\n", 400, size),
    Malformed(post("Transfer-Encoding: chunked") + "HEAD / HTTP/1.1\r\n\r\n", 400, size),
    Malformed(post("Transfer-Encoding: chunked") + "100001\r\n", 413, tooLong),
    Malformed(
      post("Transfer-Encoding: chunked") + "0\r\nA: b\r\n\r\n", 400, "trailers are not supported"),
    // Pages that do not accept a body.
    Malformed(
      post("Transfer-Encoding: chunked", path: "/"), 501,
      "this page does not support Transfer-Encoding"),
    Malformed(
      post("Content-Length: 65537", path: "/"), 413,
      "the request body exceeds 65536 bytes; send a smaller one"),
  ]

  @Test func `a request with an ambiguous body is answered once, and the connection is closed`()
    async throws
  {
    try await withServer { server in
      for example in Self.hostile {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send(example.bytes)
          // This must not be parsed as a request.
          client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          let answer = try client.response()
          #expect(try client.readToEnd().isEmpty, "\(example.testDescription)")
          return answer
        }
        #expect(answer.status == example.status, "\(example.testDescription)")
        #expect(answer.text == example.message + "\n")
        #expect(answer.headers["Connection"] == "close")
        #expect(answer.headers["Accept-Encoding"] == (answer.status == 415 ? "identity" : nil))
      }
      #expect(await server.bodyBytesInFlight == 0)
      #expect(try await onThread { try Client(server.address).get("/").status } == 200)
    }
  }

  @Test func `a body with an unsupported method is discarded, and the connection stays open`()
    async throws
  {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        client.send("PUT /push HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try client.response().status == 405)
        #expect(try client.get("/push").status == 405)
      }
    }
  }

  @Test func `only received bytes use memory, and a client that disconnects releases them`()
    async throws
  {
    try await withServer { server in
      do {
        let clients = try (0..<40).map { _ in try Client(server.address) }
        for client in clients { client.send(Self.post("Content-Length: 1048576") + "hello") }
        #expect(try await eventually { await server.bodyBytesInFlight == 200 })
        clients[0].finishSending()
        let text = try await onThread { try clients[0].response().text }
        #expect(text == "the request ended before it was complete\n")
        #expect(try await eventually { await server.bodyBytesInFlight == 195 })
      }
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await server.bodyBytesInFlight == 0)
    }
  }

  @Test func `a body that arrives too slowly times out, and others are served`() async throws {
    var limits = testLimits
    limits.bodyReadSecondsMax = 0.4
    try await withServer(limits: limits) { server in
      try await onThread {
        let slow = try Client(server.address)
        slow.send(Self.post("Content-Length: 1048576"))
        for _ in 0..<10_000 where server.statistics.requestsByStatus[408] == nil {
          slow.send("a")
          #expect(try Client(server.address).get("/").status == 200)
        }
        let answer = try slow.response()
        #expect(answer.status == 408)
        #expect(answer.text == "the request body did not arrive within 0.4 seconds; try again\n")
        #expect(try slow.readToEnd().isEmpty)
      }
      #expect(await server.bodyBytesInFlight == 0)
    }
  }

  @Test func `the bytes of all bodies are limited, and a stalled body is evicted`() async throws {
    var limits = testLimits
    limits.bodyBytesInFlightMax = 1_000
    limits.yieldStallSecondsMin = 0.5
    try await withServer(limits: limits) { server in
      let stalled = try Client(server.address)
      stalled.send(Self.post("Content-Length: 2000"))
      stalled.send([UInt8](repeating: 0x61, count: 900))
      #expect(try await eventually { await server.bodyBytesInFlight == 900 })
      try await onThread {
        // Until the stalled body may be evicted, new ones are refused.
        var refusals = 0
        while true {
          let client = try Client(server.address)
          client.send(Self.post("Content-Length: 200"))
          client.send([UInt8](repeating: 0x62, count: 200))
          let answer = try client.response()
          if answer.status == 200 { break }
          refusals += 1
          #expect(answer.status == 503)
          #expect(answer.headers["Retry-After"] == "1")
          #expect(
            answer.text
              == "too many request bodies in flight; try again later\n")
        }
        #expect(refusals > 0)
        let answer = try stalled.response()
        #expect(answer.status == 408)
        #expect(
          answer.text == "the request body stalled while its memory was needed; send it again\n")
      }
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }

  @Test func `a body counts as in flight until its handler has finished`() async throws {
    let gate = Gate()
    try await withServer(bodyRule: Self.hundred, handler: gate.handler) { server in
      do {
        let client = try Client(server.address)
        client.send(Self.post("Content-Length: 5") + "hello")
        #expect(try await eventually { await gate.waiting == 1 })
      }
      #expect(await server.bodyBytesInFlight == 5)
      gate.open()
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }

  @Test func `a request with a body gets 503 if too many requests are in flight`() async throws {
    var limits = testLimits
    limits.requestsInFlightMax = 1
    let gate = Gate()
    try await withServer(limits: limits, bodyRule: Self.hundred, handler: gate.handler) {
      server in
      let clients = try (0..<2).map { _ in try Client(server.address) }
      clients[0].send(Self.post("Content-Length: 5") + "hello")
      #expect(try await eventually { await gate.waiting == 1 })
      clients[1].send(Self.post("Content-Length: 5") + "hello")
      #expect(try await onThread { try clients[1].response().status } == 503)
      gate.open()
      #expect(try await onThread { try clients[0].response().status } == 200)
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }
}
