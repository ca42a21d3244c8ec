import Dispatch
import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

/// What strangers can make the server do before they are let in.
@Suite(.serialized) struct HTTPHandshakeTests {
  @Test(
    "key exchange is by a group that costs little, unless the settings name others",
    arguments: [
      ("X25519", [], true), ("P-256", [], true), ("X25519:P-256", [], true),
      ("ffdhe2048:X25519", [], true), ("ffdhe2048", [], false), ("ffdhe8192", [], false),
      ("X448", [], false), ("P-384", [], false), ("P-521", [], false),
      ("P-384", ["P-384"], true), ("X25519", ["P-384"], false),
    ] as [(String, [String], Bool)])
  func groups(offered: String, groups: [String], letIn: Bool) async throws {
    // In TLS 1.2 the curve of the server's certificate has to be one of the client's groups too.
    let context = try TestTLS.context(key: ["-newkey", "rsa:2048"]) { $0.groups = groups }
    try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      for version in ["-tls1_2", "-tls1_3"] {
        // TLS 1.2 of OpenSSL's client knows no groups of finite fields.
        if version == "-tls1_2", offered.hasPrefix("ffdhe") { continue }
        let flags = [version, "-groups", offered]
        let text = try await onThread { try TestTLS.request(port, TestTLS.last, flags) }
        #expect(text.hasSuffix("hello\n") == letIn, "\(version)")
      }
    }
  }

  @Test func `TLS 1.2 offers no ephemeral Diffie-Hellman in finite fields`() async throws {
    let context = try TestTLS.context(key: ["-newkey", "rsa:2048"])
    try await withServer(security: TestTLS.security(context)) { server in
      let port = server.address.port
      for (suites, letIn) in [
        ("ECDHE-RSA-AES128-GCM-SHA256", true), ("DHE-RSA-AES128-GCM-SHA256", false),
        ("DHE-RSA-AES256-GCM-SHA384", false), ("DHE-RSA-CHACHA20-POLY1305", false),
      ] {
        let text = try await onThread {
          try TestTLS.request(port, TestTLS.last, ["-tls1_2", "-cipher", suites])
        }
        #expect(text.hasSuffix("hello\n") == letIn, "\(suites)")
      }
      #expect(server.statistics.handshakesFailed == [.noCommonGround: 3])
    }
  }

  @Test("a certificate on another curve serves", arguments: ["P-384", "P-521"])
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

  @Test func `while handshakes stand still, connections that are open are served`() async throws {
    let security = TestTLS.security(try TestTLS.context())
    try await withServer(security: security) { server in
      let gate = DispatchGate()
      server.handshakeThread.async { gate.pass() }
      let waiting = try (0..<20).map { _ in try Client(server.address) }
      // Where the hello would be read, the server would see that it is none, and answer.
      for client in waiting { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
      #expect(try await eventually { await server.handshakes.count == 18 })
      #expect(server.statistics.handshakesFailed.isEmpty)
      // A plain connection is one that needs no handshake.
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

  @Test func `of one network so many handshakes wait, and the oldest are closed and counted`()
    async throws
  {
    let security = TestTLS.security(try TestTLS.context())
    try await withServer(security: security) { server in
      let gate = DispatchGate()
      server.handshakeThread.async { gate.pass() }
      let most = HandshakeQueue.waitingPerNetworkMax
      let handedOver = HTTPServer.handshakesHandedOverMax
      var clients: [Client] = []
      for number in 0..<handedOver + most + 10 {
        clients.append(try Client(server.address))
        clients[number].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let waiting = min(max(number + 1 - handedOver, 0), most)
        let crowded = UInt64(max(number + 1 - handedOver - most, 0))
        #expect(
          try await eventually {
            let failed = server.statistics.handshakesFailed[.crowded] ?? 0
            return await server.handshakes.count == waiting && failed == crowded
          })
      }
      #expect(server.statistics.handshakesFailed == [.crowded: 10])
      let gone = clients[handedOver..<handedOver + 10]
      for client in gone { #expect(try await onThread { try client.readToEnd().isEmpty }) }
      gate.open()
      for (number, client) in clients.enumerated()
      where !(handedOver..<handedOver + 10).contains(number) {
        #expect(try await onThread { try client.response().status } == 400)
      }
    }
  }

  @Test func `a connection that is closed while its handshake is made leaves nothing behind`()
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
      // Its descriptor stays open for as long as the other thread may use it.
      #expect(await server.closingCount == 1)
      gate.open()
      #expect(try await eventually { await server.closingCount == 0 })
      #expect(try await onThread { try client.readToEnd().isEmpty })
    }
  }

  @Test func `connections of those who were let in are kept where others can go`() async throws {
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
  /// Connections that are closed and whose descriptor is not.
  fileprivate var closingCount: Int { closing.count }
}
