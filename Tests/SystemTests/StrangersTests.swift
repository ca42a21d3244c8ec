import Foundation
import Testing

extension SystemTests {
  /// What those who are not let in can do to those who are.
  @Suite struct Strangers {
    private static let rsa = ["-newkey", "rsa:2048"]

    static let floods = ["x25519", "tls12", "retry", "garbage"]

    @Test("scrapes go on beside a thousand hellos a second", arguments: floods)
    func handshakes(kind: String) throws {
      let certificates = try Certificates()
      // Signatures with RSA are the dearest that there are.
      try certificates.make("server", names: "DNS:weir.test,IP:127.0.0.1", key: Self.rsa)
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let web = try weir.webAddress()
      let trust = ["--cacert", certificates.path("ca.crt")]
      func scrape() throws -> Page? {
        let answer = try CurlAnswer("https://\(web)/metrics", trust)
        return answer.status == 200 ? try Page(answer.text) : nil
      }
      // From now on this address is known.
      try #require(try scrape() != nil)
      let flood = try ChildProcess(
        try Programs.python(), [try Programs.client("hello_flood.py"), web, kind, "1000", "4"])
      var scrapes = 0
      while flood.poll() == nil {
        // One that is turned away in the crowd of its own address is let in when it tries again.
        _ = try eventually("A scrape", within: 5) { try scrape() }
        scrapes += 1
      }
      #expect(flood.poll() == .exit(0))
      #expect(scrapes >= 2)
      let words = flood.standardOutput.split(whereSeparator: \.isWhitespace)
      let counts = Dictionary(
        uniqueKeysWithValues: stride(from: 0, to: words.count - 1, by: 2).map {
          (String(words[$0]), Double(words[$0 + 1]) ?? 0)
        })
      let sent = try #require(counts["sent"])
      #expect(sent > 500)
      #expect(counts["answered"] ?? 0 > 0)
      // Each is counted: as one that came to nothing, for whatever reason.
      let expected = sent - (counts["failed"] ?? 0)
      _ = try eventually("An account of all hellos") { () -> Bool? in
        guard let page = try scrape() else { return nil }
        let failed = page.sum("weir_tls_handshake_failures_total")
        let closed = page.sum("weir_http_connections_closed_early_total")
        return failed + closed >= expected ? true : nil
      }
    }

    /// "right", at cost 10.
    private static let users = WaitingTests.Security.users

    @Test(
      "whoever knows the password is let in beside a flood of wrong ones from the same address",
      arguments: ["same", "different"])
    func passwords(kind: String) throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configure(Self.users))")
      let web = try weir.webAddress()
      let flood = try ChildProcess(
        try Programs.python(), [try Programs.client("password_flood.py"), web, kind, "20", "12"])
      // One whose digest is not known and one that is.
      func scrape() throws -> CurlAnswer {
        try CurlAnswer("http://\(web)/metrics", ["-u", "prometheus:right", "--max-time", "10"])
      }
      // The flood is on.
      _ = try eventually("A wrong password that is answered") {
        let answer = try CurlAnswer("http://\(web)/metrics", ["-u", "nobody:at all"])
        return answer.status == 401 ? true : nil
      }
      let first = try scrape()
      #expect(first.status == 200)
      for _ in 0..<20 { #expect(try scrape().status == 200) }
      #expect(flood.poll() == nil)
      #expect(try flood.wait(within: 60) == .exit(0))
      // The flood was turned away by judgement alone.
      let statuses = flood.standardOutput.split(whereSeparator: \.isWhitespace)
        .map { String($0.prefix { $0 != ":" }) }
      #expect(statuses == ["401"])
    }

    @Test func `an answer in HTTP 1.0 that the scrape's deadline cuts ends in a reset`() throws {
      let weir = try Weir()
      try weir.fillPage()
      let web = try weir.webAddress()
      let socket = try TestSocket.connect(.tcp, web, receiveBuffer: 4_096)
      try socket.send(
        "GET /metrics HTTP/1.0\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.7\r\n\r\n")
      try #require(socket.isReadable(within: 10))
      let deadline = ContinuousClock.now + .milliseconds(800)
      while ContinuousClock.now < deadline {
        #expect(try http(web, "/-/healthy").status == 200)
      }
      let whole = try http(web, "/metrics").body.count
      var received = 0
      let end = #expect(throws: HarnessError.self) {
        while case let bytes = try socket.receive(), !bytes.isEmpty { received += bytes.count }
      }
      #expect(end?.description == "recv: Connection reset by peer.")
      #expect(received > 0 && received < whole)
      #expect(try weir.scrape().value("weir_scrapes_timed_out_total") == 1)
    }

    @Test func `a flood of wrong passwords keeps out nobody who has been let in`() throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configure(Self.users))")
      let web = try weir.webAddress()
      func request(_ credentials: String) throws -> HTTPExchange {
        let exchange = try HTTPExchange(web)
        let encoded = Data(credentials.utf8).base64EncodedString()
        try exchange.send(
          "GET /-/healthy HTTP/1.1\r\nHost: a\r\nAuthorization: Basic \(encoded)\r\n\r\n")
        return exchange
      }
      #expect(try request("prometheus:right").answer().status == 200)
      let flood = try (0..<100).map { try request("prometheus:wrong\($0)") }
      for _ in 0..<20 { #expect(try request("prometheus:right").answer().status == 200) }
      let statuses = try flood.map { try $0.answer().status }
      #expect(statuses.allSatisfy { [401, 503].contains($0) })
      #expect(statuses.contains(401) && statuses.contains(503))
      #expect(try request("prometheus:right").answer().status == 200)
    }
  }
}
