import Dispatch
import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// The cost of TLS handshakes that unauthenticated clients can cause.
@Suite(.serialized) struct HTTPHandshakeTests {
  @Test(
    "key exchange uses a cheap group, unless the settings name others",
    arguments: [
      ("X25519", [], true), ("P-256", [], true), ("X25519:P-256", [], true),
      ("ffdhe2048:X25519", [], true), ("ffdhe2048", [], false), ("ffdhe8192", [], false),
      ("X448", [], false), ("P-384", [], false), ("P-521", [], false),
      ("P-384", ["P-384"], true), ("X25519", ["P-384"], false),
    ] as [(String, [String], Bool)])
  func groups(offered: String, groups: [String], isAccepted: Bool) async throws {
    // RSA, because in TLS 1.2 the curve of the server's certificate must be one of the client's
    // groups.
    let context = try TestTLS.context(key: ["-newkey", "rsa:2048"]) { $0.groups = groups }
    try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      for version in ["-tls1_2", "-tls1_3"] {
        // OpenSSL's client does not support finite-field groups in TLS 1.2.
        if version == "-tls1_2", offered.hasPrefix("ffdhe") { continue }
        let flags = [version, "-groups", offered]
        let text = try await onThread { try TestTLS.request(port, TestTLS.last, flags) }
        #expect(text.hasSuffix("hello\n") == isAccepted, "\(version)")
      }
    }
  }

  @Test func `TLS 1.2 does not offer finite-field Diffie-Hellman`() async throws {
    let context = try TestTLS.context(key: ["-newkey", "rsa:2048"])
    try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      for (suites, isAccepted) in [
        ("ECDHE-RSA-AES128-GCM-SHA256", true), ("DHE-RSA-AES128-GCM-SHA256", false),
        ("DHE-RSA-AES256-GCM-SHA384", false), ("DHE-RSA-CHACHA20-POLY1305", false),
      ] {
        let text = try await onThread {
          try TestTLS.request(port, TestTLS.last, ["-tls1_2", "-cipher", suites])
        }
        #expect(text.hasSuffix("hello\n") == isAccepted, "\(suites)")
      }
      #expect(server.statistics.handshakesFailed == [.noCommonVersionOrSuite: 3])
    }
  }

  @Test("a server certificate may use another curve", arguments: ["P-384", "P-521"])
  func certificates(curve: String) async throws {
    let context = try TestTLS.context(key: TestTLS.ec(curve))
    try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      for version in ["-tls1_2", "-tls1_3"] {
        let text = try await onThread { try TestTLS.request(port, TestTLS.last, [version]) }
        #expect(text.hasSuffix("hello\n"), "\(version)")
      }
    }
  }

  @Test func `open connections are served while handshakes are blocked`() async throws {
    let security = TestTLS.security(try TestTLS.context())
    try await withServer(security: security) { server in
      let gate = DispatchGate()
      server.handshakeThread.async { gate.pass() }
      let waiting = try (0..<20).map { _ in try Client(server.address) }
      // Plain HTTP: as soon as the server reads it, it detects the error and answers.
      for client in waiting { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
      #expect(try await eventually { await server.handshakes.count == 18 })
      #expect(server.statistics.handshakesFailed.isEmpty)
      // Without TLS, new connections need no handshake.
      security.use(HTTPSecurity.Settings())
      for _ in 0..<10 {
        #expect(try await onThread { try Client(server.address).get("/").text } == "hello\n")
      }
      #expect(server.statistics.handshakesFailed.isEmpty)
      gate.open()
      for client in waiting {
        #expect(try await onThread { try client.response().status } == 400)
      }
      #expect(server.statistics.handshakesFailed == [.plainHTTP: 20])
    }
  }

  @Test func `waiting handshakes per network are limited; the oldest are closed and counted`()
    async throws
  {
    let security = TestTLS.security(try TestTLS.context())
    try await withServer(security: security) { server in
      let gate = DispatchGate()
      server.handshakeThread.async { gate.pass() }
      let most = HandshakeQueue.waitingPerNetworkMax
      let running = HTTPServer.handshakeStepsRunningMax
      var clients: [Client] = []
      for number in 0..<running + most + 10 {
        clients.append(try Client(server.address))
        clients[number].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let waiting = min(max(number + 1 - running, 0), most)
        let surplus = UInt64(max(number + 1 - running - most, 0))
        #expect(
          try await eventually {
            let failed = server.statistics.handshakesFailed[.tooManyWaiting] ?? 0
            return await server.handshakes.count == waiting && failed == surplus
          })
      }
      #expect(server.statistics.handshakesFailed == [.tooManyWaiting: 10])
      let closed = clients[running..<running + 10]
      for client in closed { #expect(try await onThread { try client.readToEnd().isEmpty }) }
      gate.open()
      for (number, client) in clients.enumerated()
      where !(running..<running + 10).contains(number) {
        #expect(try await onThread { try client.response().status } == 400)
      }
    }
  }

  @Test func `a connection closed during a handshake step releases its descriptor after the step`()
    async throws
  {
    let security = TestTLS.security(try TestTLS.context())
    var limits = testLimits
    limits.headReadSecondsMax = 0.1
    try await withServer(limits: limits, security: security) { server in
      let gate = DispatchGate()
      server.handshakeThread.async { gate.pass() }
      let client = try Client(server.address)
      client.send([0x16])
      #expect(try await eventually { server.statistics.handshakesFailed == [.timeout: 1] })
      // The descriptor stays open while the other thread may use it.
      #expect(await server.closingCount == 1)
      gate.open()
      #expect(try await eventually { await server.closingCount == 0 })
      #expect(try await onThread { try client.readToEnd().isEmpty })
    }
  }

  @Test func `authorized connections are evicted after all others`() async throws {
    var limits = testLimits
    limits.connectionsMax = 10
    try await withServer(limits: limits) { server in
      let scraper = try Client(server.address)
      #expect(try await onThread { try scraper.get("/").status } == 200)
      let flood = try await onThread { try (0..<60).map { _ in try Client(server.address) } }
      #expect(try await eventually { server.statistics.connectionsEvicted >= 51 })
      #expect(try await onThread { try scraper.get("/").status } == 200)
      #expect(flood.count == 60)
    }
  }
}

extension HTTPServer {
  /// The number of closed connections whose descriptor is still open.
  fileprivate var closingCount: Int { closing.count }
}
