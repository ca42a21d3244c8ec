import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

/// Bodies that are taken, over real connections.
@Suite(.serialized)
struct HTTPBodyTests {
  private static let hundred: @Sendable (HTTPRequest) -> Int? = { _ in 100 }

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

  @Test func `a body reaches the handler whole, with its length or in chunks`() async throws {
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

  @Test func `a request behind a body is answered after it`() async throws {
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

  @Test func `a client that asks first is told to go on, or why not`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
          client.send(Self.post("Expect: 100-Continue\r\n\(framing)"))
          let goOn = try client.response()
          #expect(goOn == Received(status: 100, headers: [:], body: []))
          client.send(
            framing.hasPrefix("C") ? Array("hello".utf8) : Self.chunked(Array("hello".utf8), by: 2))
          #expect(try client.response().text == Self.answer(to: Array("hello".utf8)))
        }
        // Who does not wait is told nothing.
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

  private static let length = "the request does not say how long its body is; send a Content-Length"
  private static let size = "a chunk does not begin with a line of its size in hexadecimal digits"
  private static let coding = "this server takes no Content-Encoding; send the body as it is"

  /// Requests after which the connection is not to be trusted.
  private static let hostile: [Malformed] = [
    Malformed(post("X: y"), 411, length),
    Malformed("POST /push HTTP/1.0\r\n\r\n", 411, length),
    Malformed(
      post("Content-Length: 1048577"), 413, "the request body is longer than 1048576 bytes"),
    Malformed(
      post("Content-Length: 9223372036854775807"), 413,
      "the request body is longer than 1048576 bytes"),
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
      "the request has both a Content-Length and a Transfer-Encoding"),
    Malformed(
      post("Transfer-Encoding: chunked\r\nContent-Length: 0"), 400,
      "the request has both a Content-Length and a Transfer-Encoding"),
    Malformed(
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400,
      "the request has more than one Transfer-Encoding header"),
    Malformed(
      post("Transfer-Encoding: gzip, chunked"), 501,
      "this server takes no Transfer-Encoding but chunked"),
    Malformed(
      post("Transfer-Encoding: identity"), 501,
      "this server takes no Transfer-Encoding but chunked"),
    Malformed(
      post("Transfer-Encoding: xchunked"), 501,
      "this server takes no Transfer-Encoding but chunked"),
    Malformed(
      post("Transfer-Encoding:"), 501, "this server takes no Transfer-Encoding but chunked"),
    Malformed(
      "POST /push HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
      "HTTP/1.0 has no Transfer-Encoding; send a Content-Length"),
    Malformed(post("Content-Encoding: gzip\r\nContent-Length: 1"), 415, coding),
    Malformed(post("Content-Encoding: identity, br\r\nContent-Length: 1"), 415, coding),
    Malformed(
      post("Expect: something\r\nContent-Length: 1"), 417,
      "this server takes no Expect but 100-continue"),
    Malformed(post("Transfer-Encoding: chunked") + "5 \r\nhello\r\n0\r\n\r\n", 400, size),
    Malformed(post("Transfer-Encoding: chunked") + "HEAD / HTTP/1.1\r\n\r\n", 400, size),
    Malformed(
      post("Transfer-Encoding: chunked") + "100001\r\n", 413,
      "the request body is longer than 1048576 bytes"),
    Malformed(
      post("Transfer-Encoding: chunked") + "0\r\nA: b\r\n\r\n", 400, "trailers are not taken"),
    // What takes no body goes on as ever.
    Malformed(
      post("Transfer-Encoding: chunked", path: "/"), 501,
      "this server takes no Transfer-Encoding; send a Content-Length"),
    Malformed(
      post("Content-Length: 65537", path: "/"), 413,
      "the request body is longer than 65536 bytes"),
  ]

  @Test func `a request whose body is in doubt is answered once, and the connection closed`()
    async throws
  {
    try await withServer { server in
      for example in Self.hostile {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send(example.bytes)
          // What follows is not to be taken for a request.
          client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          let answer = try client.response()
          #expect(try client.readToEnd().isEmpty, "\(example.testDescription)")
          return answer
        }
        #expect(answer.status == example.status, "\(example.testDescription)")
        #expect(answer.text == example.sentence + "\n")
        #expect(answer.headers["Connection"] == "close")
        #expect(answer.headers["Accept-Encoding"] == (answer.status == 415 ? "identity" : nil))
      }
      #expect(await server.bodyBytesInFlight == 0)
      #expect(try await onThread { try Client(server.address).get("/").status } == 200)
    }
  }

  @Test func `a wrong method's body is thrown away, and the connection stays`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        client.send("PUT /push HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try client.response().status == 405)
        #expect(try client.get("/push").status == 405)
      }
    }
  }

  @Test func `a declared length takes no memory, and a client that leaves gives its back`()
    async throws
  {
    try await withServer { server in
      do {
        let clients = try (0..<40).map { _ in try Client(server.address) }
        for client in clients { client.send(Self.post("Content-Length: 1048576") + "hello") }
        #expect(try await eventually { await server.bodyBytesInFlight == 200 })
        clients[0].finishSending()
        let text = try await onThread { try clients[0].response().text }
        #expect(text == "the request ends before it is complete\n")
        #expect(try await eventually { await server.bodyBytesInFlight == 195 })
      }
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await server.bodyBytesInFlight == 0)
    }
  }

  @Test func `a body that comes in drops is ended, and others are answered`() async throws {
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
        #expect(answer.text == "the request body took longer than 0.4 seconds to come\n")
        #expect(try slow.readToEnd().isEmpty)
      }
      #expect(await server.bodyBytesInFlight == 0)
    }
  }

  @Test func `bodies are bounded together, and one that stands still makes room`() async throws {
    var limits = testLimits
    limits.bodyBytesInFlightMax = 1_000
    limits.yieldStallSecondsMin = 0.5
    try await withServer(limits: limits) { server in
      let still = try Client(server.address)
      still.send(Self.post("Content-Length: 2000"))
      still.send([UInt8](repeating: 0x61, count: 900))
      #expect(try await eventually { await server.bodyBytesInFlight == 900 })
      try await onThread {
        // At first the one that stands still may yet go on; then it has to go.
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
              == "the server has as many request bodies under way as it may; try again later\n")
        }
        #expect(refusals > 0)
        let answer = try still.response()
        #expect(answer.status == 408)
        #expect(answer.text == "the request body stood still while others needed its room\n")
      }
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }

  @Test func `a body counts until its handler is done with it`() async throws {
    let gate = Gate()
    try await withServer(bodyBytesMax: Self.hundred, handler: gate.handler) { server in
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

  @Test func `a body for which no handler is free is told to come later`() async throws {
    var limits = testLimits
    limits.requestsInFlightMax = 1
    let gate = Gate()
    try await withServer(limits: limits, bodyBytesMax: Self.hundred, handler: gate.handler) {
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
