import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// TLS with the openssl program as the client.
@Suite(.serialized) struct HTTPTLSTests {
  private func settings(_ context: TLSContext?) -> HTTPSecurity.Settings {
    var settings = HTTPSecurity.Settings()
    settings.tls = context
    return settings
  }

  /// Limits with reads so small that most of a record stays in the TLS session.
  private var smallReads: HTTPLimits {
    var limits = testLimits
    limits.readBytesMax = 7
    return limits
  }

  @Test func `bytes that are buffered in the TLS session are read, even with small reads`()
    async throws
  {
    let security = HTTPSecurity()
    security.use(settings(try TestTLS.context()))
    try await withServer(limits: smallReads, security: security) { server in
      let port = server.address.port
      let text = try await onThread {
        let echo = (0..<30).map { "GET /echo?\($0) HTTP/1.1\r\nHost: a\r\nX-N: \($0)\r\n\r\n" }
        return try TestTLS.request(port, echo.joined() + TestTLS.last)
      }
      for number in 0..<30 { #expect(text.contains("GET /echo \(number) \(number)")) }
      #expect(text.contains("hello\n"))
      #expect(server.statistics.handshakesDone == 1)
    }
  }

  @Test func `a body arrives complete over TLS, even with small reads`() async throws {
    let security = HTTPSecurity()
    security.use(settings(try TestTLS.context()))
    try await withServer(limits: smallReads, security: security) { server in
      let port = server.address.port
      let body = String(repeating: "0123456789abcdef", count: 2_000)
      let text = try await onThread {
        let post = "POST /push HTTP/1.1\r\nHost: a\r\n"
        let chunks = "7d00\r\n\(body)\r\n0\r\n\r\n"
        return try TestTLS.request(
          port,
          "\(post)Content-Length: 32000\r\n\r\n\(body)"
            + "\(post)Transfer-Encoding: chunked\r\n\r\n\(chunks)" + TestTLS.last)
      }
      let answer = "32000 bytes, \(checksum(Array(body.utf8)))\n"
      #expect(text.split(separator: answer, omittingEmptySubsequences: false).count == 3)
      #expect(text.contains("hello\n"))
    }
  }

  @Test func `settings may change while connections are opened and closed`() async throws {
    let security = HTTPSecurity()
    let contexts = [try TestTLS.context(), try TestTLS.context()]
    security.use(settings(contexts[0]))
    try await withServer(security: security) { server in
      let port = server.address.port
      try await withThrowingTaskGroup { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<5 {
              let text = try await onThread { try TestTLS.request(port, TestTLS.last) }
              #expect(text.hasSuffix("hello\n"))
            }
          }
        }
        for turn in 0..<200 {
          security.use(settings(contexts[turn % 2]))
          try await Task.sleep(for: .milliseconds(2))
        }
        try await group.waitForAll()
      }
      #expect(server.statistics.handshakesDone == 20)
      security.use(settings(nil))
      #expect(try await onThread { try Client(server.address).get("/").status } == 200)
    }
  }

  @Test func `a handshake times out like a request's head`() async throws {
    let security = HTTPSecurity()
    security.use(settings(try TestTLS.context()))
    var limits = testLimits
    limits.headReadSecondsMax = 0.2
    try await withServer(limits: limits, security: security) { server in
      let ends = try await onThread {
        let clients = try (0..<3).map { _ in try Client(server.address) }
        clients[1].send([0x16])
        clients[2].send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])
        return try clients.map { try $0.readToEnd().isEmpty }
      }
      #expect(ends == [true, true, true])
      #expect(server.statistics.handshakesFailed == [.timeout: 3])
    }
  }

  @Test func `plain HTTP to a TLS port gets an error in plain HTTP`() async throws {
    let security = HTTPSecurity()
    security.use(settings(try TestTLS.context()))
    try await withServer(security: security) { server in
      let answer = try await onThread { try Client(server.address).get("/") }
      #expect(answer.status == 400)
      #expect(
        answer.text == "this port speaks HTTPS, not plain HTTP; use https:// in the address\n")
      #expect(server.statistics.handshakesFailed == [.plainHTTP: 1])
    }
  }
}
