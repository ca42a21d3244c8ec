import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

/// A body of numbered pieces that counts how many were requested.
private actor Pieces: HTTPBodyStream {
  let count: Int
  let pieceBytes: Int
  let failsAt: Int?
  let mustBeWhole: Bool
  private(set) var made = 0

  init(
    _ count: Int, bytes pieceBytes: Int, failsAt: Int? = nil, mustBeWhole: Bool = false
  ) {
    self.mustBeWhole = mustBeWhole
    self.count = count
    self.pieceBytes = pieceBytes
    self.failsAt = failsAt
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    if made == failsAt { throw HTTPBodyFailure(503, "it took too long") }
    made += 1
    return HTTPBodyPiece(piece(made), isLast: made % count == 0)
  }

  nonisolated func piece(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: pieceBytes)
  }

  nonisolated var whole: [UInt8] { (1...count).flatMap(piece) }

  nonisolated var handler: HTTPHandler {
    { _ in HTTPResponse(headers: ["X-Kind": "streamed"], stream: .stream(self)) }
  }
}

@Suite(.serialized)
struct HTTPStreamTests {
  @Test(
    "a body with any number of pieces arrives complete, and the connection stays open",
    arguments: [(2, 1), (3, 0), (40, 65_536), (5, 1_000_000), (700, 100)])
  func whole(pieces: Int, bytes: Int) async throws {
    for _ in 0..<2 {
      let body = Pieces(pieces, bytes: bytes)
      try await withServer(handler: body.handler) { server in
        let (got, next) = try await onThread {
          let client = try Client(server.address)
          client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
          return (try client.response(), try client.response(isHead: true))
        }
        #expect(got.body == body.whole)
        #expect(got.headers["Transfer-Encoding"] == "chunked")
        #expect(got.headers["Content-Length"] == nil && got.headers["X-Kind"] == "streamed")
        #expect(next.headers["Transfer-Encoding"] == "chunked")
        // For HEAD one piece is made, to know whether there is a Content-Length.
        #expect(await body.made == pieces + 1)
        #expect(await server.requestsInFlight == 0)
      }
    }
  }

  @Test func `a body of one piece has a Content-Length`() async throws {
    let body = Pieces(1, bytes: 500)
    try await withServer(handler: body.handler) { server in
      let got = try await onThread { try Client(server.address).get("/") }
      #expect(got.body == body.whole && got.headers["Content-Length"] == "500")
      #expect(got.headers["Transfer-Encoding"] == nil)
    }
  }

  @Test func `an HTTP 1.0 client gets the body without chunks, ended by closing the connection`()
    async throws
  {
    let body = Pieces(30, bytes: 10_000)
    try await withServer(handler: body.handler) { server in
      let all = try await onThread {
        let client = try Client(server.address)
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        return try client.readToEnd()
      }
      let head = try #require(all.firstRange(of: Array("\r\n\r\n".utf8)))
      #expect(Array(all[head.upperBound...]) == body.whole)
      let text = String(decoding: all[..<head.upperBound], as: UTF8.self)
      #expect(text.contains("Connection: close\r\n") && !text.contains("Transfer-Encoding"))
    }
  }

  @Test func `pieces are made only as fast as they are read, and not after a disconnect`()
    async throws
  {
    let body = Pieces(10_000, bytes: 100_000)
    try await withServer(handler: body.handler) { server in
      do {
        let client = try Client(server.address, receiveBufferBytes: 4_096)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await onThread { try client.read(1) }.count == 1)
        // The kernel's buffers hold a few MB; after that the producer has to wait.
        #expect(try await eventually { await server.isProducerWaiting })
        #expect(await body.made < 200)
      }
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await body.made < 200)
      #expect(await server.requestsInFlight == 0)
      #expect(server.statistics.responsesAbandoned == 1)
    }
  }

  @Test func `a failure before the first piece is a response; after it, the connection is reset`()
    async throws
  {
    let atOnce = Pieces(3, bytes: 10, failsAt: 0)
    try await withServer(handler: atOnce.handler) { server in
      let got = try await onThread { try Client(server.address).get("/") }
      #expect(got.status == 503 && got.text == "it took too long\n")
      #expect(server.statistics.requestsByStatus == [503: 1])
    }
    let later = Pieces(30, bytes: 10, failsAt: 7)
    try await withServer(handler: later.handler) { server in
      let all = try await onThread {
        let client = try Client(server.address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.readToEnd()
      }
      #expect(!all.suffix(5).elementsEqual("0\r\n\r\n".utf8))
      #expect(server.statistics.responsesAbandoned == 1)
      #expect(await server.requestsInFlight == 0)
    }
  }

  @Test(
    "an incomplete response ends in a reset, so that clients detect it",
    arguments: ["HTTP/1.0", "HTTP/1.1"])
  func reset(version: String) async throws {
    let body = Pieces(30, bytes: 10, failsAt: 7)
    try await withServer(handler: body.handler) { server in
      let (bytes, end) = try await onThread {
        let client = try Client(server.address)
        client.send("GET / \(version)\r\nHost: a\r\n\r\n")
        return try client.readToError()
      }
      #expect(bytes.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)))
      #expect(end == ECONNRESET)
      #expect(server.statistics.responsesAbandoned == 1)
    }
    let whole = Pieces(30, bytes: 10)
    try await withServer(handler: whole.handler) { server in
      let (bytes, end) = try await onThread {
        let client = try Client(server.address)
        client.send("GET / \(version)\r\nHost: a\r\nConnection: close\r\n\r\n")
        return try client.readToError()
      }
      #expect(bytes.count > 300)
      #expect(end == 0)
    }
  }

  @Test func `an incomplete response over TLS has no close notify`() async throws {
    let security = TestTLS.security(try TestTLS.context())
    for (failsAt, isComplete) in [(nil, true), (7, false)] as [(Int?, Bool)] {
      let body = Pieces(30, bytes: 10, failsAt: failsAt)
      try await withServer(security: security, handler: body.handler) { server in
        let port = server.address.port
        let text = try await onThread {
          try TestTLS.request(
            port, "GET / HTTP/1.0\r\nHost: a\r\n\r\n", ["-msg"], withErrors: true)
        }
        #expect(text.contains("HTTP/1.1 200 OK"))
        let received = text.split(separator: "\n").filter { $0.hasPrefix("<<<") }
        let hasCloseNotify = received.contains {
          $0.contains("close notify") || $0.contains("close_notify")
        }
        #expect(hasCloseNotify == isComplete)
        #expect(server.statistics.responsesAbandoned == (isComplete ? 0 : 1))
      }
    }
  }

  @Test func `a response to a stalled reader ends in a reset`() async throws {
    var limits = testLimits
    limits.writeStallSecondsMax = 0.2
    let body = Pieces(10_000, bytes: 100_000)
    try await withServer(limits: limits, handler: body.handler) { server in
      let client = try Client(server.address, receiveBufferBytes: 4_096)
      client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
      #expect(try await eventually { server.statistics.responsesAbandoned == 1 })
      #expect(try await onThread { try client.readToError().error } == ECONNRESET)
    }
  }

  @Test func `a slow producer does not trigger the timeout for stalled readers`() async throws {
    var limits = testLimits
    limits.writeStallSecondsMax = 0.1
    let gate = Gate()
    let slow = Slow(gate: gate)
    let handler: HTTPHandler = { _ in HTTPResponse(stream: .stream(slow)) }
    try await withServer(limits: limits, handler: handler) { server in
      let client = try Client(server.address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await eventually { await gate.waiting == 1 })
      try await Task.sleep(for: .milliseconds(500))
      gate.open()
      #expect(try await onThread { try client.response().text } == "early late")
    }
  }

  @Test func `a failure after the connection was closed has no effect`() async throws {
    var limits = testLimits
    limits.responseSecondsMax = 0.2
    let gate = Gate()
    let slow = Slow(gate: gate, fails: true)
    let handler: HTTPHandler = { request in
      request.path == "/" ? HTTPResponse(stream: .stream(slow)) : .text("here")
    }
    try await withServer(limits: limits, handler: handler) { server in
      let client = try Client(server.address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await server.requestsInFlight == 0)
      gate.open()
      #expect(try await eventually { await slow.isOver })
      // Any effect would happen before these responses.
      for _ in 0..<10 {
        #expect(try await onThread { try Client(server.address).get("/other").text } == "here")
      }
      #expect(try await eventually { await server.requestsInFlight == 0 })
    }
  }

  @Test func `a stop waits until a streamed body is complete`() async throws {
    let body = Pieces(100, bytes: 100_000)
    try await withServer(handler: body.handler) { server in
      let client = try Client(server.address, receiveBufferBytes: 4_096)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let first = try await onThread { try client.read(1) }
      async let stopped: Void = server.stop(graceSeconds: 60)
      client.setReceiveBuffer(bytes: 1 << 20)
      let rest = first + (try await onThread { try client.readToEnd() })
      #expect(rest.count > 10_000_000 && rest.suffix(5).elementsEqual("0\r\n\r\n".utf8))
      await stopped
    }
  }
}

extension HTTPServer {
  /// Whether the producer of a body waits for its client.
  fileprivate var isProducerWaiting: Bool {
    connections.values.contains { $0.output?.producer != nil }
  }
}

/// A body of two pieces that waits for a gate between them.
private actor Slow: HTTPBodyStream {
  let gate: Gate
  let fails: Bool
  private var isStarted = false
  private(set) var isOver = false

  init(gate: Gate, fails: Bool = false) {
    self.gate = gate
    self.fails = fails
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    defer { isStarted = true }
    if !isStarted { return HTTPBodyPiece(Array("early ".utf8), isLast: false) }
    _ = await gate.handler(HTTPRequest(path: "/"))
    isOver = true
    if fails { throw HTTPBodyFailure(503, "it took too long") }
    return HTTPBodyPiece(Array("late".utf8), isLast: true)
  }
}
