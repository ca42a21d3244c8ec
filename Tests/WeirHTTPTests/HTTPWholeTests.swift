import Testing
import WeirSockets

@testable import WeirHTTP

/// A body whose end matters.
private actor Held: HTTPBodyStream {
  let mustBeWhole = true
  let count: Int
  let failsAt: Int?
  private var made = 0

  init(_ count: Int, failsAt: Int? = nil) {
    self.count = count
    self.failsAt = failsAt
  }

  static let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    if made == failsAt { throw HTTPBodyFailure(503, "it can't be saved") }
    made += 1
    return HTTPBodyPiece(Held.piece, isLast: made == count)
  }

  nonisolated var handler: HTTPHandler {
    { _ in HTTPResponse(stream: .stream(self)) }
  }
}

@Suite("A body whose end matters", .serialized)
struct HTTPWholeTests {
  private func answer(
    _ body: Held, _ limits: HTTPLimits = testLimits, version: String = "1.0"
  ) async throws -> String {
    try await withServer(limits: limits, handler: body.handler) { server in
      try await onThread {
        let client = try Client(server.address)
        client.send("GET / HTTP/\(version)\r\nHost: a\r\nConnection: close\r\n\r\n")
        return String(decoding: try client.readToEnd(), as: UTF8.self)
      }
    }
  }

  @Test("is made whole for HTTP/1.0, and has a length")
  func whole() async throws {
    let text = try await answer(Held(30))
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.contains("\r\nContent-Length: 300000\r\n"))
    #expect(text.hasSuffix("\r\n\r\n" + String(repeating: "a", count: 300_000)))
  }

  @Test("is streamed to others")
  func streamed() async throws {
    let text = try await answer(Held(30), version: "1.1")
    #expect(text.contains("\r\nTransfer-Encoding: chunked\r\n") && text.hasSuffix("0\r\n\r\n"))
  }

  @Test("that fails is an error for HTTP/1.0, however late", arguments: [0, 1, 29])
  func fails(at piece: Int) async throws {
    let text = try await answer(Held(30, failsAt: piece))
    #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
    #expect(text.hasSuffix("\r\n\r\nit can't be saved\n"))
  }

  @Test("that is too long for HTTP/1.0 is an error that says what to do", arguments: [10, 11])
  func tooLong(pieces: Int) async throws {
    var limits = testLimits
    limits.wholeBytesMax = 100_000
    let text = try await answer(Held(pieces), limits)
    #expect(text.hasPrefix(pieces == 10 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 503 "))
    guard pieces == 11 else { return }
    #expect(
      text.hasSuffix(
        "\r\n\r\nthe page has more than 100000 bytes, which is too long for HTTP/1.0; "
          + "use HTTP/1.1, or ask for fewer metrics with name[]\n"))
  }

  @Test("is refused to HTTP/1.0 while there are as many as allowed", arguments: [0, 1])
  func tooMany(bodiesMax: Int) async throws {
    var limits = testLimits
    limits.wholeBodiesMax = bodiesMax
    // Twice, because each gives its place back.
    for _ in 0..<2 {
      let text = try await answer(Held(3), limits)
      #expect(text.hasPrefix(bodiesMax == 1 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 503 "))
    }
  }

  @Test("keeps that when it is compressed")
  func compressed() throws {
    let executor = DispatchQueueExecutor(label: "test")
    #expect(try #require(GzipStream(Held(1), on: executor)).mustBeWhole)
  }
}
